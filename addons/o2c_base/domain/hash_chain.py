"""The hash that ties each event to the one before it.

>>> first = link("", {"sequence": 1, "kind": "a"})
>>> second = link(first, {"sequence": 2, "kind": "b"})
>>> second == link(first, {"kind": "b", "sequence": 2})
True
>>> link("", {"sequence": 1, "kind": "x"}) == first
False
"""

import hashlib
import json


def link(previous_hash, content):
    """SHA-256 (hex) over the previous hash and the content, keys sorted."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(f"{previous_hash}\n{text}".encode()).hexdigest()
