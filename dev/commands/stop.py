"""`make stop`: ends what `make demo` started."""

from dev import paths, postgres, processes
from dev.messages import say


def main() -> int:
    """End Odoo, the mail catcher and the private PostgreSQL."""
    paths.make_folders()
    for name, title in (("odoo", "Odoo"), ("mail", "The mail catcher")):
        if processes.stop(name):
            say(f"{title} stopped.")
    postgres.stop()
    say("Nothing of ours runs any more.")
    return 0
