# Everything a developer or a CI job runs. `make help` lists it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
BUILD := build
# A link tree in which the type checker sees the folders under the names they are installed by.
TYPES := $(BUILD)/types
PYTEST ?= $(BIN)/python -m pytest
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help install system demo test check lint format type cov specs docs wheel bench testers snapshots teeth deep corpus lock build clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.installed: requirements/dev.txt pyproject.toml
	@echo "Setting up $(VENV), which takes about half a minute"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --editable .
	@touch $@

install: $(VENV)/.installed ## make the virtual environment

system: ## install what the tests need beside Python: Chromium, Redis, Redocly, Prism
	@if [ "$$(id -u)" = 0 ] && ! { command -v chromium && command -v redis-server; } >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends chromium redis-server >/dev/null; fi
	@if command -v npm >/dev/null; then \
		[ -x tests/tools/node_modules/.bin/redocly ] || npm ci --prefix tests/tools --no-audit --no-fund --loglevel=error; \
	else echo "npm is missing: the tests against Redocly and Prism will be skipped"; fi

demo: install ## serve the three APIs, test them over HTTP, write the reports
	@$(BIN)/understudy demo --out $(BUILD)/demo

test: install $(if $(CI),system,$(if $(filter 0,$(shell id -u)),system)) ## run the tests
	$(PYTEST) -n $(WORKERS) --dist loadscope -q

check: lint type test specs docs ## all that must hold before a commit lands

lint: install ## style and simple faults
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: install ## put the code in the one format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

type: install ## types, strictly, tests included
	@mkdir -p $(TYPES)/understudy
	@for room in specs mockserver contracts; do ln -sfn $(CURDIR)/$$room $(TYPES)/understudy/$$room; done
	MYPYPATH=$(TYPES) $(BIN)/mypy -p understudy
	MYPYPATH=$(TYPES) $(BIN)/mypy tests

specs: install ## load, build and lint the shipped documents
	$(BIN)/understudy specs lint quantcdn-ai quantum-nexus aivax

docs: install ## run the examples of the documentation
	$(PYTEST) -q tests/test_docs.py tests/test_annotating.py

testers: install ## measure the tests beside schemathesis run against the same mocks, and write bench/testers.md
	$(BIN)/python -m tests.bench.testers $(TESTERS)

snapshots: install ## write what tests compare with anew: reports, and the schema of understudy.toml
	UPDATE_SNAPSHOTS=1 $(PYTEST) -q tests/contracts/reports tests/contracts/commands/test_configuration.py

teeth: install ## break a healthy API in every way we know, and count what is found, beside schemathesis
	$(BIN)/python -m tests.teeth $(TEETH)

bench: install ## measure the mock beside bare Starlette and Prism, and write bench/
	$(BIN)/python -m tests.bench $(BENCH)

deep: install ## the long form of the tests: 1,000 instances of every schema
	$(PYTEST) -n $(WORKERS) --dist loadscope -q -m deep

corpus: install ## serve the documents in DOCS=DIR, and look at every answer
	@test -n "$(DOCS)" || { echo "make corpus DOCS=DIR: where the documents are"; exit 2; }
	$(BIN)/python -m tests.corpus $(DOCS)

wheel: install ## build the wheel and run the tests against it, away from the sources
	rm -rf $(BUILD)/wheel && mkdir -p $(BUILD)/wheel
	$(BIN)/python -m build --wheel --no-isolation --outdir $(BUILD)/wheel . >/dev/null
	$(BIN)/python tests/wheel.py $(BUILD)/wheel

lock: ## pin the versions anew
	$(PYTHON) -m venv $(BUILD)/lock && $(BUILD)/lock/bin/pip install --quiet pip-tools
	$(BUILD)/lock/bin/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--allow-unsafe --strip-extras --no-header --output-file requirements/dev.txt requirements/dev.in

build: wheel ## the same as wheel

clean: ## remove what was made
	rm -rf $(VENV) $(BUILD) dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis tests/tools/node_modules
