"""What the machine's own package manager has to bring."""

import os
import re
import shutil
from pathlib import Path

from dev import processes
from dev.messages import Failure, step
from dev.paths import LOGS

APT_PROGRESS = re.compile(r"^(?:Get:\d+|Need to get|Unpacking|Setting up) .*")


def is_root() -> bool:
    """Return whether packages may be installed."""
    return os.geteuid() == 0


def has_apt() -> bool:
    """Return whether this is a Debian-like machine."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


def release() -> dict[str, str]:
    """Return the fields of the machine's os-release file."""
    path = Path("/etc/os-release")
    if not path.is_file():
        return {}
    lines = (line.partition("=") for line in path.read_text().splitlines())
    return {key: value.strip('"') for key, _, value in lines if key}


def install(packages: list[str], why: str) -> None:
    """Install Debian packages as root; as anybody else, say which command would."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not has_apt():
        raise Failure(
            f"{why}: missing here, and there is no apt to install it with.\n"
            f"Install the equivalent of: {' '.join(packages)}\n"
            "(or use Docker: docker compose up)"
        )
    if not is_root():
        raise Failure(f"{why}: missing here. Install it:\n  sudo {' '.join(command)}")
    step(f"Installing {' '.join(packages)} ({why})")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["apt-get", "update"], command):
        processes.run_with_progress(
            arguments,
            what=" ".join(arguments),
            log=LOGS / f"{arguments[1]}-{packages[0]}.log",
            progress=APT_PROGRESS,
            hint="Is there a network?",
            env=env,
        )
