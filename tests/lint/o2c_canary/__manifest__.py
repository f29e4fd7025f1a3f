{
    "name": "O2C Canary",
    "summary": "Faulty on purpose: `make lint` fails unless each tool finds its fault",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "O2C for Odoo",
    "license": "LGPL-3",
    "depends": ["base"],
    "data": ["views/canary_views.xml"],
}
