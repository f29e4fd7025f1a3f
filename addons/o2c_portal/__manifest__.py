{
    "name": "O2C Portal",
    "summary": "Customers see, pay and settle what they owe, from the reminder's link",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "O2C for Odoo",
    "license": "LGPL-3",
    "depends": ["o2c_collections", "account_payment", "payment_custom", "rating"],
    "data": [
        "security/ir.model.access.csv",
        "security/o2c_portal_security.xml",
        "data/autopay_cron.xml",
        "data/mail_template_data.xml",
        "views/o2c_portal_link_views.xml",
        "views/portal_page_templates.xml",
        "views/portal_overview_templates.xml",
        "views/portal_pay_templates.xml",
        "views/portal_say_templates.xml",
        "views/portal_preferences_templates.xml",
        "views/portal_autopay_templates.xml",
        "views/o2c_portal_request_views.xml",
        "views/o2c_autopay_views.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "o2c_portal/static/src/scss/portal.scss",
        ],
    },
}
