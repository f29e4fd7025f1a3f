"""`make faults`: breaks the chase on purpose, again and again, and counts."""

import os
import shlex
import subprocess

from dev import install, odoo, paths, prepare
from dev.commands import test


def main() -> int:
    """Install what is to be broken, then break it (ARGS="..." is passed on)."""
    prepare.everything("run", "test")
    install.ensure_core()
    test.ensure_template(always=False)
    env = {**odoo.environment(), "O2C_TEMPLATE_DATABASE": test.TEMPLATE}
    arguments = shlex.split(os.environ.get("ARGS", ""))
    command = [str(paths.PYTHON), "-m", "tests.faults.campaign", *arguments]
    return subprocess.run(command, env=env, cwd=paths.ROOT, check=False).returncode
