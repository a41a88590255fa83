# Everything a developer types. `make` alone lists it. Needs only make and Python >= 3.11; the rest comes with `make setup`.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
ARGS   ?=
CASES  ?= 2600
SEEDS  ?= 2000
CYCLES ?= 300
CUTS   ?= 10000

.DEFAULT_GOAL := help
.PHONY: help setup demo test unit fuzz simulate check bench soak books powercut floods chaos audit lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Virtual environment with the locked dependencies (the other targets do this by themselves)

# Built again whenever the lock changes. The hashes make pip refuse any file that is not the one that was locked.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "smsgw needs Python 3.11 or newer; '$(PYTHON)' is older or missing. Choose one: make setup PYTHON=python3.12" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "$(PYTHON) cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) (once, a minute or two) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## One whole payment on this machine, nothing outside needed (ARGS=--once ends after it)
	@$(BIN)/smsgw demo $(ARGS)

test: $(READY) ## All tests, on all cores; the summary names what was skipped and why (ARGS="-k otp" chooses)
	@$(BIN)/python -m pytest -q -n auto --dist worksteal $(ARGS)

unit: $(READY) ## The fast tests only: no I/O, a few seconds
	@$(BIN)/python -m pytest -q -n auto tests/unit $(ARGS)

fuzz: $(READY) ## 200,000 hostile cases, about ten minutes (CASES=10000 of each test: longer)
	@SMSGW_FUZZ_EXAMPLES=$(CASES) $(BIN)/python -m pytest -q -o timeout=0 tests/fuzz $(ARGS)

simulate: $(READY) ## 2,000 simulated worlds, and every planted bug must be found, about eleven minutes (SEEDS=20000: longer)
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --mutants $(ARGS)

check: $(READY) ## Lint, format, types, layers, and the repository's own rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/repo

bench: $(READY) ## Measure throughput and latency on this machine, about six minutes (ARGS=--quick: one)
	@$(BIN)/python -m bench $(ARGS)

soak: $(READY) ## Ten minutes of a bad day at 300 texts a second: cuts, throttling, repeats (`make test` has half a minute of it)
	@SMSGW_SOAK_S=$${SMSGW_SOAK_S:-600} $(BIN)/python -m pytest -q -s tests/integration/test_soak.py $(ARGS)

books: $(READY) ## 10,000 random payments over every protocol with faults, about eight minutes: our books and the providers' are one
	@SMSGW_BOOKS_PAYMENTS=$${SMSGW_BOOKS_PAYMENTS:-10000} $(BIN)/python -m pytest -q -s tests/integration/test_books.py $(ARGS)

floods: $(READY) ## Five floods of a minute each, with memory measured and payments made beside them, and one into silence (`make test` has half a second of each)
	@SMSGW_FLOOD_S=$${SMSGW_FLOOD_S:-60} $(BIN)/python -m pytest -q -s tests/security/test_floods.py $(ARGS)

audit: $(READY) ## Ask PyPI whether a locked dependency has a known vulnerability (needs the network; `make test` does not ask)
	@SMSGW_AUDIT=1 $(BIN)/python -m pytest -q -rs tests/repo/test_audit.py $(ARGS)

chaos: $(READY) ## kill -9 at every failpoint and at any moment, 300 times: SQLite, PostgreSQL, two nodes (CYCLES=1000: longer)
	@SMSGW_CHAOS_CYCLES=$(CYCLES) $(BIN)/python -m pytest -q -s -o timeout=0 tests/chaos $(ARGS)

powercut: $(READY) ## 10,000 power cuts under the store, three minutes and more: nothing that was acknowledged is lost (CUTS=100000: longer)
	@SMSGW_POWERCUT_CUTS=$(CUTS) $(BIN)/python -m pytest -q -s tests/contract/store/test_powercut.py $(ARGS)

lock: $(READY) ## Choose the newest allowed versions again and write requirements.lock
	@$(BIN)/uv pip compile --upgrade --group dev pyproject.toml --generate-hashes --universal --python-version 3.11 \
	  --no-emit-index-url -q -o requirements.lock

clean: ## Remove everything that is made: environment, caches, local data
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache var dist
	@find smsgw simulator tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
