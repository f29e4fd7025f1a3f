{
    "name": "O2C Portal: Credit",
    "summary": "Customers see their credit, apply for more, pay waiting orders free",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "O2C for Odoo",
    "license": "LGPL-3",
    "depends": ["o2c_portal", "o2c_credit_risk"],
    "auto_install": True,
    "data": [
        "views/o2c_credit_limit_views.xml",
        "views/portal_credit_templates.xml",
        "views/res_config_settings_views.xml",
    ],
}
