"""`make clean`: removes all that was made."""

import os
import shutil

from dev import paths, postgres
from dev.commands import stop
from dev.messages import say

KEPT = ("lock", "downloads")


def main() -> int:
    """Stop what runs; delete .odoo/ and the databases.

    With KEEP_DOWNLOADS=1 the downloaded packages stay.
    """
    stop.main()
    postgres.remove()
    kept = KEPT if os.environ.get("KEEP_DOWNLOADS") else KEPT[:1]
    for path in paths.STATE.iterdir():
        if path.name in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    say(f"{paths.STATE} and its databases are removed.")
    return 0
