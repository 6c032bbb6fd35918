# One comment line above every target is its help. Needs Python 3.11+, make and git; everything else is installed here.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REPO ?=
PORT ?=
API_PORT ?=
SHELL := /bin/bash
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help up test lint format bench soak lock docs wheel clean debian

# Show this list.
help:
	@awk '/^# /{text=substr($$0,3)} /^[a-z]+:/{sub(/:.*/,""); if (text) printf "  make %-8s %s\n", $$0, text; text=""}' $(MAKEFILE_LIST)

# Install, collect, transform, judge, then serve Dagster and the live service; REPO=/path/or/url, PORT, API_PORT.
up: $(VENV)/.runtime
	@exec $(BIN)/quality-platform up $(if $(REPO),--repo "$(REPO)") $(if $(PORT),--port $(PORT)) $(if $(API_PORT),--api-port $(API_PORT))

# Run the test suite.
test: $(VENV)/.dev $(VENV)/.clients debian
	@# a worker more than cores, since many tests wait; byte code, since hundreds of processes would compile the package
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist worksteal

# Ruff, mypy, import contracts, SQL style, dbt parse, Dagster's own check of the definitions.
lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/sqlfluff lint dbt_models/models dbt_models/tests
	QUALITY_PLATFORM_HOME=$(CURDIR)/.quality/lint $(BIN)/dg check defs
	QUALITY_PLATFORM_HOME=$(CURDIR)/.quality/lint $(BIN)/dbt parse --quiet --no-partial-parse --project-dir dbt_models --profiles-dir dbt_models --target-path $(CURDIR)/.quality/lint/dbt-parse --log-path $(CURDIR)/.quality/lint

# Put sources in their format.
format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix dbt_models/models dbt_models/tests

# Measure speed and memory; prints figures, never fails on them. BENCH=name runs one.
bench: $(VENV)/.dev
	@for script in benchmarks/$(or $(BENCH),*).py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# The long tests: crashes, restarts and load for minutes.
soak: $(VENV)/.dev $(VENV)/.clients debian
	$(BIN)/python -m pytest -m soak --timeout 3600

# Resolve the dependencies anew and write both lock files.
lock: $(VENV)/bin/python
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml $(LOCK_OPTIONS) --extra build --extra dev -o requirements-dev.lock
	$(BIN)/uv pip compile pyproject.toml $(LOCK_OPTIONS) --extra build -c requirements-dev.lock -o requirements.lock

LOCK_OPTIONS := --universal --generate-hashes --no-emit-index-url --no-annotate --no-strip-extras --python-version 3.11 --no-header --quiet

# Write the pages of docs/ that are made from the catalogue.
docs: $(VENV)/.dev
	$(BIN)/python -m docs.generate

# Build the wheel into dist/.
wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel

# Delete what was installed and built; the platform's home stays.
clean:
	rm -rf $(VENV) quality_platform_tests/clients/node_modules dist .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name one with PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python requirements.lock pyproject.toml
	@[ -e $(VENV)/.dev ] || echo "Installing (about a minute) …"
	@[ -e $(VENV)/.dev ] || $(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements-dev.lock pyproject.toml
	@echo "Installing (about two minutes) …"
	@$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.runtime

$(VENV)/.clients: $(VENV)/.dev quality_platform_tests/clients/package-lock.json
	@echo "Installing the JavaScript clients that the tests send with …"
	@$(BIN)/python -m quality_platform_tests.data.javascript
	@touch $@

debian:
	@[ -z "$(MISSING)" ] || ! command -v apt-get >/dev/null || [ "$$(id -u)" != 0 ] || ( \
	echo "Installing $(MISSING) for the tests …"; export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -qq && apt-get install -y -qq --no-install-recommends $(MISSING) >/dev/null)

BROWSER = $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))
MISSING = $(strip $(if $(BROWSER),,chromium) $(if $(shell command -v prometheus),,prometheus) \
	$(if $(shell command -v amtool),,prometheus-alertmanager))
