{
    "name": "O2C Base",
    "summary": "Customer accounts, open items and their history",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "O2C for Odoo",
    "license": "LGPL-3",
    "depends": ["account", "mail"],
    "external_dependencies": {"python": ["xlsxwriter"]},
    "data": [
        "security/o2c_base_groups.xml",
        "security/ir.model.access.csv",
        "security/o2c_base_rules.xml",
        "data/ir_cron_data.xml",
        "views/o2c_open_item_views.xml",
        "views/o2c_debtor_views.xml",
        "views/o2c_event_views.xml",
        "views/res_partner_views.xml",
        "views/res_company_views.xml",
        "views/o2c_base_menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "o2c_base/static/src/debtor_list/*",
        ],
        "web.assets_tests": [
            "o2c_base/static/tests/tours/*",
        ],
    },
    "post_init_hook": "post_init_hook",
}
