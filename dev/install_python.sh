#!/bin/sh
# Called by the Makefile where its Python does not exist: as root on Debian,
# install it; everywhere else, say what to do.
set -e
python=$1
if [ "$python" = python3 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "==> Installing python3"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends python3
    exit 0
fi
echo "There is no '$python' here. Python 3.11, 3.12 or 3.13 is needed:" >&2
echo "  on Debian:  sudo apt-get install python3 python3-venv" >&2
echo "  elsewhere:  install it, then  make demo PYTHON=/path/to/python3.12" >&2
exit 1
