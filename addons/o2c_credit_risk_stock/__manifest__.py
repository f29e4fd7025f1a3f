{
    "name": "O2C Credit Risk: Stock",
    "summary": "What waits for credit is not delivered",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "O2C for Odoo",
    "license": "LGPL-3",
    "depends": ["o2c_credit_risk", "sale_stock"],
    "auto_install": True,
    "data": ["views/o2c_credit_policy_views.xml"],
}
