"""Entry point of `make`: `python3 -m dev <command>`.

Keep this file readable by any Python 3, so that an old one gets the message
and not a syntax error.
"""

import sys

SUPPORTED = ((3, 11), (3, 13))


def check_python():
    """Refuse a Python that Odoo 19's pinned dependencies have no wheels for."""
    if SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        return
    sys.exit(
        "Python 3.11, 3.12 or 3.13 is needed and {} is {}.{}.\n"
        "Name another one:  make demo PYTHON=/path/to/python3.12".format(
            sys.executable, *sys.version_info[:2]
        )
    )


if __name__ == "__main__":
    check_python()
    from dev.main import main

    sys.exit(main(sys.argv[1:]))
