# One entry for people and for CI. `make help` lists the targets.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCE ?= demo
DATA ?= ../shared/data
# Posts that people labelled: tried with their sides swapped where they are at hand.
LABELLED := $(DATA)/election_labels.jsonl.gz $(DATA)/written_posts.jsonl.gz
ARGS ?=
PIP_FLAGS := --disable-pip-version-check --quiet --require-hashes --only-binary :all:

.DEFAULT_GOAL := help
.PHONY: help run test check format bench evaluate audit lock clean setup setup-dev

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Run the main job (SOURCE=demo|bluesky|path, ARGS="--json …")
	@$(BIN)/hustings up $(SOURCE) $(ARGS)

test: setup-dev ## Run the whole test suite, real broker included (ARGS="-k name")
	@$(BIN)/pytest $(ARGS)

check: setup-dev ## Format, lint, types and import rules, as in CI
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup-dev ## Rewrite the code in the house format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup-dev ## Posts a second per worker core beside a plain Faust agent, in one run
	@$(BIN)/python -m tests.bench $(ARGS)

evaluate: setup ## Score the detector on what training never saw (DATA=../shared/data, ARGS=…)
	@$(BIN)/hustings evaluate --held-out $(DATA) --html .hustings/evaluation.html $(ARGS)

audit: setup ## Swap the sides of posts; fails when any answer changes (ARGS="--json FILE …")
	@$(BIN)/hustings audit neutrality $(wildcard $(LABELLED)) $(ARGS)

lock: setup-dev ## Renew the hash locks after a change of dependencies
	@$(BIN)/python deploy/locks/renew.py

setup: $(VENV)/.runtime ## Make the virtual environment with the hash-locked packages

setup-dev: $(VENV)/.dev ## The same with the tools for tests and checks

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 14)))' || { \
	  echo "Hustings needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) (once) …"
	@$(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed: on Debian and Ubuntu install python3-venv" >&2; rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: deploy/locks/runtime.txt pyproject.toml | $(BIN)/python
	@echo "Installing hash-locked packages (deploy/locks/runtime.txt) …"
	@$(BIN)/pip install $(PIP_FLAGS) -r deploy/locks/runtime.txt
	@$(BIN)/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.dev: deploy/locks/dev.txt $(VENV)/.runtime
	@echo "Installing hash-locked tools (deploy/locks/dev.txt) …"
	@$(BIN)/pip install $(PIP_FLAGS) -r deploy/locks/dev.txt
	@touch $@

clean: ## Remove the environment, caches and local broker data
	@rm -rf $(VENV) .hustings .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
