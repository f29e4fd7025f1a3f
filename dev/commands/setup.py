"""`make setup`: everything but a database."""

from dev import prepare
from dev.messages import say
from dev.paths import STATE


def main() -> int:
    """Have Odoo, PostgreSQL and the Python packages ready in .odoo/."""
    prepare.everything("run", "test", "lint")
    say(f"Odoo 19, PostgreSQL and the Python packages are ready in {STATE}")
    return 0
