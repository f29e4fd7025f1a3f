{
    "name": "O2C Credit and Collections",
    "summary": "The chase stops new orders, and the score knows broken promises",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "O2C for Odoo",
    "license": "LGPL-3",
    "depends": ["o2c_credit_risk", "o2c_collections"],
    "auto_install": True,
    "data": [
        "views/o2c_chase_plan_views.xml",
        "views/o2c_debtor_views.xml",
    ],
}
