"""axe-core, the program that finds barriers on pages, for the browser tests.

A small package on the Python index carries it; of this only the script is taken.
"""

import hashlib
import sys
import tempfile
import zipfile
from pathlib import Path

from dev import processes
from dev.messages import Failure, step
from dev.paths import DOWNLOADS, LOGS

PACKAGE, MEMBER = "axe-playwright-python==0.1.8", "axe_playwright_python/axe.min.js"
VERSION = "4.12.1"
SHA256 = "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc"
SCRIPT = DOWNLOADS / f"axe-{VERSION}.min.js"


def ensure() -> None:
    """Have the script, exactly the one that was looked at."""
    if SCRIPT.is_file() and _hash(SCRIPT.read_bytes()) == SHA256:
        return
    step("Downloading axe-core for the browser tests")
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download"]
        options = ["--no-deps", "--only-binary=:all:", "--dest", folder]
        processes.run(
            [*pip, *options, PACKAGE],
            what="Downloading axe-core",
            log=LOGS / "axe.log",
        )
        [wheel] = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read(MEMBER)
    if _hash(content) != SHA256:
        raise Failure(f"{PACKAGE} does not hold the axe-core that was looked at")
    SCRIPT.write_bytes(content)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
