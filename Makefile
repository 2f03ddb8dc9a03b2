# `make help` lists the targets. Only Python >= 3.11 and make are needed: everything else comes from the lock files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Real data, which is no part of the repository: `data/text/dev` in it holds labelled rows.
SHARED ?= $(or $(MODERATION_SHARED),../shared)

.DEFAULT_GOAL := help
.PHONY: help install run test lint types unit system faults bench eval lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "moderation-streams needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

install: $(STAMP) ## the virtual environment, from hashes

run: $(STAMP) ## a real Kafka, S3, all workers and a sample feed; Ctrl-C stops it
	@$(BIN)/moderation demo

test: lint types unit system ## everything CI runs, under 10 minutes

lint: $(STAMP) ## style and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/validate-pyproject pyproject.toml

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

unit: $(STAMP) ## tests without a broker
	$(BIN)/pytest -n auto --maxprocesses 4 -m "not system and not faults"

# Two at once, each with a Kafka of its own; a file stays whole, because its tests share a stream.
# Kafka lives for minutes here, so that its costlier compiler takes more than it gives.
system: $(STAMP) ## tests on a real Kafka
	JDK_JAVA_OPTIONS=-XX:TieredStopAtLevel=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "system and not faults" tests/system

faults: $(STAMP) ## the long runs on a real Kafka, faults above all
	$(BIN)/pytest -m faults -s --timeout 3600 tests/system tests/unit/store

bench: $(STAMP) ## throughput, latency and memory beside the floors, on a real Kafka
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/text.py
	$(BIN)/python benchmarks/backtest.py
	$(BIN)/python benchmarks/media.py

eval: $(STAMP) ## precision and recall of the shipped policy on labelled texts; build/eval.html has the curves
	@test -d "$(SHARED)/data/text/dev" || { echo "make eval needs labelled texts: make eval SHARED=FOLDER, which holds data/text/dev/*.jsonl"; exit 2; }
	@mkdir -p build
	@$(BIN)/moderation eval --html build/eval.html "$(SHARED)/data/text/dev"

lock: $(STAMP) ## renew the lock files after a change of pyproject.toml (uses uv)
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	$(VENV)/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra media --extra models --extra review pyproject.toml -o requirements/run.txt
	$(VENV)/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra media --extra models --extra review --extra embedded pyproject.toml -o requirements/embedded.txt
	$(VENV)/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra media --extra models --extra review --extra embedded --group dev pyproject.toml -o requirements/dev.txt

clean: ## remove the virtual environment and caches of the tools
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
