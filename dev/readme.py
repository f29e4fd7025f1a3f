"""README.rst of each add-on, put together from the fragments in its readme folder.

`python -m dev.readme` writes them; `make lint` says which are not up to date.
"""

import ast
import re
from pathlib import Path

from dev.paths import ADDONS

FRAGMENTS = {"DESCRIPTION": None, "CONFIGURE": "Set-up", "USAGE": "Use"}


def stale() -> list[Path]:
    """Return the README files that differ from their fragments."""
    return [
        path
        for path, text in _texts().items()
        if not path.exists() or path.read_text() != text
    ]


def write() -> None:
    """Write what is not up to date."""
    texts = _texts()
    for path in stale():
        path.write_text(texts[path])


def _texts() -> dict[Path, str]:
    folders = sorted(path.parent for path in ADDONS.glob("*/readme"))
    return {folder / "README.rst": _text(folder) for folder in folders}


def _text(folder: Path) -> str:
    manifest = ast.literal_eval((folder / "__manifest__.py").read_text())
    parts = [_heading(manifest["name"], "=")]
    for name, title in FRAGMENTS.items():
        fragment = folder / "readme" / f"{name}.md"
        if fragment.exists():
            parts += [_heading(title, "-")] if title else []
            parts.append(_as_rst(fragment.read_text().strip()))
    return "\n\n".join(parts) + "\n"


def _heading(title: str, line: str) -> str:
    return f"{title}\n{line * len(title)}"


def _as_rst(markdown: str) -> str:
    """Of Markdown the fragments use what reads the same in RST, and code."""
    return re.sub(r"`([^`]+)`", r"``\1``", markdown)


if __name__ == "__main__":
    write()
