# Kura. `make help` lists what there is; each target's line starts with two hashes.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV ?= .venv
BIN := $(VENV)/bin
# Where one's own documents are: make run DOCS=~/any/folder
DOCS ?=
# What to ask: make ask Q='...'
Q ?=
# Both reach the shell as they were typed, in the environment: nothing in them is run.
export DOCS_FOLDER := $(value DOCS)
export QUESTION := $(value Q)
# Errors are shown, a mirror's warnings are not.
PIP := $(BIN)/pip install -qq
TORCH := 2.13.0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup run up down ingest reindex adapt ask eval test check format lint types imports bench \
	bench-reach bench-answers bench-search bench-retrieval bench-ingestion bench-lies docs lock sample clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# The CPU build of torch first: the plain requirement pulls gigabytes of CUDA on x86 Linux. A build
# that is already at hand is taken; then PyTorch's public CPU index; then whatever there is.
$(VENV)/.runtime: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Kura needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing (about two minutes the first time) ..."
	@$(BIN)/python -c 'import torch' 2>/dev/null \
		|| $(PIP) --no-deps --no-index 'torch==$(TORCH)' 2>/dev/null \
		|| $(PIP) --no-deps --retries 1 --timeout 15 'torch==$(TORCH)+cpu' \
			--index-url https://download.pytorch.org/whl/cpu 2>/dev/null \
		|| $(PIP) 'torch==$(TORCH)'
	@$(PIP) --no-deps --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.development: $(VENV)/.runtime requirements-dev.lock
	@$(PIP) --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.runtime ## Install Kura into .venv

run: setup ## Set up, ingest the sample (or DOCS=folder), serve, print the address and sign-in link
	@exec $(BIN)/kura serve $(if $(value DOCS),--docs "$$DOCS_FOLDER",--sample)

up: ## Start api, worker and Ollama in containers; DOCS=folder takes one in
	docker compose up --build --detach --wait
	@$(if $(value DOCS),docker compose exec api kura ingest /documents || test $$? -eq 3)
	@docker compose exec api kura keys link

down: ## Stop the containers, keeping their data
	docker compose down

# Status 3 means that some documents did not go in: they are listed, and Kura itself is well.
ingest: setup ## Bring every registered source up to date; DOCS=folder adds one
	@$(BIN)/kura ingest $(if $(value DOCS),"$$DOCS_FOLDER") || test $$? -eq 3

reindex: setup ## Build the indexes anew from the catalog
	@$(BIN)/kura reindex

# Status 3 means that the tuned model is no better and the one in use stays.
adapt: setup ## Tune the search model on the documents, where that finds better
	@$(BIN)/kura adapt || test $$? -eq 3

ask: setup ## Ask a question: make ask Q="有給休暇は何日ですか"
	@$(BIN)/kura ask -- "$$QUESTION"

# Status 4 means that a bar was not cleared: make eval ARGS="--at-least recall=0.85"
ARGS ?=
eval: setup ## Measure on golden questions; ARGS="--at-least recall=0.85" sets bars
	@$(BIN)/kura eval $(ARGS)

# A file's tests share their fixtures, so they stay in one process.
test: $(VENV)/.development ## Run the tests
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile

check: $(VENV)/.development lint types imports test ## All that must hold: format, lint, types, imports, tests, docs

format: $(VENV)/.development ## Rewrite the code in the one format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: $(VENV)/.development ## Format and lint, without changing anything
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(VENV)/.development ## Strict type check
	@$(BIN)/mypy

imports: $(VENV)/.development ## The one direction of imports
	@$(BIN)/lint-imports

bench: bench-reach bench-answers bench-search ## All benchmarks: speed, memory, answers on the golden questions

bench-reach: $(VENV)/.development ## Start-up, memory, ingestion rate, time to sources
	@$(BIN)/python -m benchmarks.reach

bench-answers: $(VENV)/.development ## Golden questions through the extractive path
	@$(BIN)/python -m benchmarks.golden

bench-search: $(VENV)/.development ## Latency of hybrid search beside Chroma's own filter
	@$(BIN)/python -m benchmarks.search_latency

# The three below need public data sets that are not part of the project: EVALUATION=, CORPUS=.
EVALUATION ?=
CORPUS ?=

bench-retrieval: $(VENV)/.development ## Search quality on public question sets: EVALUATION=folder
	@$(BIN)/python -m benchmarks.retrieval --evaluation "$(EVALUATION)"

bench-ingestion: $(VENV)/.development ## Reading of real files, beside unstructured: CORPUS=folder
	@$(BIN)/python -m benchmarks.ingestion --corpus "$(CORPUS)"

bench-lies: $(VENV)/.development ## Wrong sentences caught, true ones passed: EVALUATION=folder
	@$(BIN)/python -m benchmarks.lies --evaluation "$(EVALUATION)"

docs: $(VENV)/.runtime ## Write the generated pages: commands and settings
	@{ KURA_LANGUAGE=ja $(BIN)/kura document-commands; echo; \
		KURA_LANGUAGE=en $(BIN)/kura document-commands; } > docs/commands.md
	@$(BIN)/kura document-settings > docs/settings.md

sample: $(VENV)/.development ## Write the sample company's documents anew
	@$(BIN)/python -m data.make_sample

lock: ## Pin all versions anew (needs uv)
	uv pip compile pyproject.toml docs/lock-torch-needs.in --universal --python-version 3.11 --generate-hashes --quiet \
		--no-emit-index-url --no-annotate --no-header --no-emit-package torch \
		--override docs/lock-override.txt --output-file requirements.lock
	uv pip compile pyproject.toml docs/lock-torch-needs.in --group dev --universal --python-version 3.11 --quiet \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --no-emit-package torch \
		--override docs/lock-override.txt --constraint requirements.lock \
		--output-file requirements-dev.lock

clean: ## Remove caches and the virtual environment; documents and indexes in var/ stay
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
