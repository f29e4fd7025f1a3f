"""Fetches Debian packages with apt, verified, without touching the system.

apt gets lists, caches and sources of its own below .odoo/; the mirror is the one
that the system's own configuration names.
"""

import os
import re
import subprocess
from pathlib import Path

from dev import processes, system
from dev.messages import Failure, step
from dev.paths import APT, DOWNLOADS, LOGS

# sid has Odoo 19; trixie has Font Awesome 4.7; bookworm is the last with wkhtmltopdf.
SUITES = "sid trixie bookworm"
KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)
DOWNLOAD_PROGRESS = re.compile(r"^Get:\d+ .*|^Need to get .*")
NO_MIRROR = (
    "Odoo 19 comes as a Debian package, and no Debian mirror is configured here.\n"
    "Use a checkout of Odoo 19:  ODOO_HOME=/path/to/odoo make demo\n"
    "or Docker:                  docker compose up"
)


def _mirror() -> str:
    """Return the address of the Debian archive this machine is installed from."""
    if not system.has_apt() or system.release().get("ID") != "debian":
        raise Failure(NO_MIRROR)
    layout = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", layout, "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    names = {
        system.release().get("VERSION_CODENAME"),
        *("stable", "oldstable", "testing", "unstable", "sid"),
    }
    for line in listing.splitlines():
        uri, suite, component = line.split()
        is_archive = uri.startswith(("http", "file", "mirror", "tor"))
        if suite in names and component == "main" and is_archive:
            return uri
    raise Failure(NO_MIRROR)


def _sources() -> Path:
    """Write the isolated list of sources and return its path."""
    keyring = next((path for path in KEYRINGS if Path(path).is_file()), None)
    lines = ["Types: deb", f"URIs: {_mirror()}", f"Suites: {SUITES}"]
    lines += ["Components: main"] + ([f"Signed-By: {keyring}"] if keyring else [])
    path = APT / "debian.sources"
    path.write_text("\n".join(lines) + "\n")
    return path


def _command(*arguments: str) -> list[str]:
    """Return an apt-get command line that sees only our own folders."""
    for folder in ("state/lists/partial", "cache/archives/partial", "etc"):
        (APT / folder).mkdir(parents=True, exist_ok=True)
    (APT / "status").touch()
    settings = {
        "Dir::State": APT / "state",
        "Dir::State::status": APT / "status",
        "Dir::Cache": APT / "cache",
        "Dir::Etc::sourcelist": _sources(),
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": APT / "etc",
        "Acquire::Languages": "none",
        # The download user could not enter a clone in a closed home folder.
        "APT::Sandbox::User": "root",
        "APT::Install-Recommends": "false",
        "Acquire::Retries": "3",
    }
    options = [f"-o{key}={value}" for key, value in settings.items()]
    return ["apt-get", *options, *arguments]


def update() -> None:
    """Fetch the package lists of the suites we take from."""
    APT.mkdir(parents=True, exist_ok=True)
    step("Reading Debian's package lists")
    done = processes.run(_command("update"), what="Reading package lists", check=False)
    # apt answers 0 when it could fetch nothing: the lists themselves tell.
    found = list((APT / "state" / "lists").glob("*_Packages*"))
    if done.returncode or len(found) < len(SUITES.split()):
        raise Failure(
            "Debian's package lists could not be fetched.\n"
            "Is there a network, and does `apt-get update` work as root?"
        )


def fetch(packages: list[str]) -> list[Path]:
    """Download packages (name or name/suite) and return the files.

    A download that was interrupted goes on where it stopped.
    """
    folder = DOWNLOADS / "debs"
    folder.mkdir(parents=True, exist_ok=True)
    processes.run(
        _command("download", *packages),
        what="Downloading from Debian's archive",
        cwd=folder,
    )
    names = [package.partition("/")[0] for package in packages]
    return [max(folder.glob(f"{name}_*.deb"), key=os.path.getmtime) for name in names]


def fetch_with_dependencies(package: str, suite: str) -> list[Path]:
    """Download a package and all it needs, down to the C library."""
    processes.run_with_progress(
        _command("install", "-y", "--download-only", "-t", suite, package),
        what=f"Downloading {package}",
        log=LOGS / f"{package}-download.log",
        progress=DOWNLOAD_PROGRESS,
        hint="Is there a network?",
    )
    return sorted((APT / "cache" / "archives").glob("*.deb"))


def unpack(packages: list[Path], folder: Path) -> None:
    """Unpack the files of packages below a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in packages:
        command = ["dpkg-deb", "-x", str(package), str(folder)]
        processes.run(command, what=f"Unpacking {package.name}")
