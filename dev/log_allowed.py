"""The warnings of Odoo's log that do not fail `make test`, each with its reason.

A pattern is matched against "LEVEL logger: message".
"""

import re

ALLOWED = [
    (
        r"WARNING py\.warnings: .*DeprecationWarning: 'werkzeug\.",
        "core still calls what its own pinned Werkzeug calls deprecated",
    ),
    (
        r"WARNING odoo\.tools\.config: option --addons-path, invalid addons directory",
        "ODOO_HOME may hold only a part of Odoo's folders",
    ),
]

_PATTERNS = [re.compile(pattern) for pattern, _reason in ALLOWED]


def is_allowed(line: str) -> bool:
    """Return whether a line "LEVEL logger: message" is on the list."""
    return any(pattern.match(line) for pattern in _PATTERNS)
