# The two commands of this project: `make demo` and `make test`. Both set up all they need.
PYTHON ?= python3
DIR ?= demo-newsroom
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test coverage setup check format clean

demo: setup  ## two editions of a paper from an invented press, in DIR
	$(BIN)/broadsheet demo $(DIR)

setup: .venv/ready

test: .venv/ready-dev browser newsboat check
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadgroup --durations=10

coverage: .venv/ready-dev browser newsboat  ## the tests, traced: which lines no test runs
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadgroup --cov --cov-report=term:skip-covered

check: .venv/ready-dev  ## what needs no run: style, types, the house's contract
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Broadsheet needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(PIP) --upgrade pip
	$(PIP) --constraint constraints.txt --editable .
	touch $@

.venv/ready-dev: .venv/ready
	$(PIP) --constraint constraints.txt --editable . --group dev
	touch $@

# Debian's browser for the tests of pages; without it they are skipped, and say so
.PHONY: browser
browser:
	@command -v chromium >/dev/null 2>&1 || sh tools/install-debian.sh chromium fonts-dejavu-core || echo "no chromium: browser tests will be skipped"

# Debian's feed reader for the tests of what such apps are told; without it they are skipped, and say so
.PHONY: newsboat
newsboat:
	@command -v newsboat >/dev/null 2>&1 || sh tools/install-debian.sh newsboat || echo "no newsboat: tests with a real reader will be skipped"

clean:
	rm -rf .venv demo-newsroom
