"""Creates, copies and drops databases together with their files."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dev.messages import Failure
from dev.paths import DATA


@contextmanager
def cursor(database: str = "postgres") -> Iterator:
    """Open a cursor on a database, in autocommit mode."""
    import psycopg2  # only there once the virtual environment is

    try:
        connection = psycopg2.connect(dbname=database)
    except psycopg2.OperationalError as error:
        raise Failure(f"PostgreSQL cannot be reached: {error}") from error
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def filestore(name: str) -> Path:
    """Return the folder with a database's files."""
    return DATA / "filestore" / name


def exists(name: str) -> bool:
    """Return whether there is a database of this name."""
    with cursor() as cr:
        cr.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        return bool(cr.fetchone())


def create(name: str, template: str | None = None) -> None:
    """Create a database in place of an older one, empty or as a copy."""
    drop(name)
    statement = f"CREATE DATABASE {_quoted(name)} ENCODING 'UTF8' "
    if template:
        statement += f"TEMPLATE {_quoted(template)}"
    else:
        statement += "TEMPLATE template0 LC_COLLATE 'C'"
    with cursor() as cr:
        cr.execute(statement)
    if template and filestore(template).is_dir():
        # The files are named after their content and never written to again.
        shutil.copytree(filestore(template), filestore(name), copy_function=_link)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def drop(name: str) -> None:
    """Drop a database, whoever is connected to it, with its files."""
    with cursor() as cr:
        cr.execute(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")
    shutil.rmtree(filestore(name), ignore_errors=True)


def rename(old: str, new: str) -> None:
    """Give a finished database its name, in place of an older one."""
    drop(new)
    with suppress(FileNotFoundError):
        filestore(old).rename(filestore(new))
    with cursor() as cr:
        cr.execute(f"ALTER DATABASE {_quoted(old)} RENAME TO {_quoted(new)}")
