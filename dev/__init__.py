"""Sets Odoo up for development, runs the demo, the tests and the checks."""
