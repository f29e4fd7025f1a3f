{
    "name": "O2C Collections: Stock",
    "summary": "Causes of disputes by warehouse",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "O2C for Odoo",
    "license": "LGPL-3",
    "depends": ["o2c_collections", "sale_stock"],
    "auto_install": True,
    "data": ["views/o2c_dispute_views.xml"],
}
