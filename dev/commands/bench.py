"""`make bench`: the measurements of tests/bench."""

import os
import shlex
import subprocess

from dev import install, odoo, paths, prepare
from dev.commands import test


def main(module: str = "tests.bench.run") -> int:
    """Install what is to be measured, then measure it (ARGS="..." is passed on).

    :param module: what is run, with a database of all add-ons to copy from
    """
    prepare.everything("run", "test")
    install.ensure_core()
    test.ensure_template(always=False)
    env = {**odoo.environment(), "O2C_TEMPLATE_DATABASE": test.TEMPLATE}
    arguments = shlex.split(os.environ.get("ARGS", ""))
    command = [str(paths.PYTHON), "-m", module, *arguments]
    return subprocess.run(command, env=env, cwd=paths.ROOT, check=False).returncode
