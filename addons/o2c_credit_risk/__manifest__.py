{
    "name": "O2C Credit Risk",
    "summary": "Credit limits, exposure, and orders that wait when it is too much",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "O2C for Odoo",
    "license": "LGPL-3",
    "application": True,
    "depends": ["o2c_base", "sale"],
    "data": [
        "security/ir.model.access.csv",
        "security/o2c_credit_risk_rules.xml",
        "views/o2c_credit_risk_menus.xml",
    ],
}
