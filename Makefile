# Everything is done by the Python package dev/; this file only finds Python.
#
#   make demo            a company with its own story, on http://127.0.0.1:8069 (PORT=8070 changes it)
#   make demo LEDGER=x.csv   the same with the open items of a CSV file
#   make stop            ends what `make demo` started
#   make test            installs, upgrades and tests everything (ARGS="-k dispute" narrows it)
#   make lint            the checks of style and of Odoo's conventions
#   make bench           the measurements
#   make faults          kills workers, mail servers and databases, and counts the damage
#   make clean           removes .odoo/ and all databases in it

# The system's own Python, where it will do: distributions compile it with a profile of
# its use, version managers mostly do not, and Odoo takes a sixth longer with theirs.
SYSTEM_PYTHON := $(shell /usr/bin/python3 -c 'import ensurepip, venv, sys; \
	print(sys.executable if (3, 11) <= sys.version_info < (3, 14) else "")' 2>/dev/null)
PYTHON ?= $(or $(SYSTEM_PYTHON),python3)
PORT ?= 8069
ARGS ?=
LEDGER ?=
export PORT ARGS LEDGER PYTHON

COMMANDS = setup demo stop test lint bench faults clean

.PHONY: help $(COMMANDS)

help:
	@sed -n 's/^#   //p' Makefile

$(COMMANDS):
	@command -v "$(PYTHON)" >/dev/null 2>&1 || sh dev/install_python.sh "$(PYTHON)"
	@"$(PYTHON)" -m dev $@
