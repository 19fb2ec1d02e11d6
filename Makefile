# Two commands are enough: `make run` and `make test`. `make help` lists the others.
# Nothing is done again that is up to date: stamps in .venv, the trained model and the built page remember.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3.10
BIN := .venv/bin
# Node comes from the lock file too: node and npm lie in .venv/bin.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1

MODEL := models/sixty.tar.gz
PAGE := web/dist/index.html

files = $(shell find $(1) -type f -not -path '*/__pycache__/*' 2>/dev/null)
# What the model is made of: change one of these and it is trained again.
TRAINING := config.yml domain.yml requirements.lock playbook/demo/aliases.yml \
	$(call files,data playbook/demo/products sixty/nlu sixty/dialogue)
PAGE_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)

say = @printf '● %s\n'

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: setup $(MODEL) $(PAGE) ## Set everything up, start the bot and print the address of its page
	@exec $(BIN)/sixty up

.PHONY: shell
shell: setup $(MODEL) ## Talk to the bot in the terminal
	@exec $(BIN)/sixty shell

.PHONY: test
test: setup lint validate check-page $(MODEL) $(PAGE) ## Check everything: style, types, training data, page, all tests
	$(say) "Tests"
	@exec $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: setup
setup: .venv/.project ## Install everything from the lock file into .venv

.PHONY: train
train: $(MODEL) ## Train the model, when training data changed

.PHONY: validate
validate: setup ## Check training data, domain and playbook
	$(say) "Training data"
	@$(BIN)/sixty validate

.PHONY: lint
lint: setup ## Check style and types
	$(say) "Style and types"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy

.PHONY: format
format: setup web/node_modules/.stamp ## Put the code into shape
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet
	@cd web && npm run --silent format

.PHONY: check-page
check-page: web/node_modules/.stamp
	$(say) "The page's style, types and unit tests"
	@cd web && npm run --silent check && npm run --silent test

.PHONY: bench
bench: setup $(MODEL) ## Measure this bot against vanilla Rasa
	@$(BIN)/python -m bench.vanilla

.PHONY: screenshots
screenshots: setup ## Take the pictures of the documentation from the running bot
	@$(BIN)/python docs/screenshots.py

.PHONY: lock
lock: setup ## Write requirements.lock anew after a change of pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --group dev --python-version 3.10 --generate-hashes --quiet -o requirements.lock

.PHONY: clean
clean: ## Remove what was built; .venv and var stay
	@rm -rf models .rasa results web/dist .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './web/node_modules/*' -prune -exec rm -rf {} +

python_works = $(shell $(PYTHON) -c 'import ensurepip, sys, venv; print(sys.version_info[:2] == (3, 10))' 2>/dev/null)

.venv/pyvenv.cfg:
	$(if $(filter True,$(python_works)),,$(error $(PYTHON) is not a working Python 3.10 with venv: \
		install one (pyenv install 3.10; apt install python3.10-venv) or name it, as in make run PYTHON=/path/to/python3.10))
	$(say) "Python environment in .venv"
	@$(PYTHON) -m venv --clear .venv

# uv tells of each of 230 packages; the big downloads and what is not progress at all are enough.
quieter = /^ *(\+|-|~|Downloaded|Building|Built) / { next } \
	/^ *Downloading / && !/[0-9][0-9]\.[0-9]MiB/ { next } \
	{ print "  " $$0; fflush() }

# uv itself is installed from the lock file, hashes checked; it then installs the rest. What has to be built is built
# with the lock file's setuptools.
.venv/.packages: requirements.lock | .venv/pyvenv.cfg
	$(say) "Packages of requirements.lock (3 GB on disk; minutes the first time)"
	@awk '/^[^ #]/ { wanted = /^(setuptools|uv|wheel)==/ } wanted' requirements.lock > .venv/bootstrap.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps -r .venv/bootstrap.txt
	@$(BIN)/uv pip sync --python $(BIN)/python --require-hashes --no-build-isolation requirements.lock 2>&1 \
		| awk '$(quieter)'
	@touch $@

.venv/.project: pyproject.toml .venv/.packages
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

web/node_modules/.stamp: web/package.json web/package-lock.json | .venv/.project
	$(say) "Packages of the page"
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE): $(PAGE_SOURCES) web/node_modules/.stamp
	$(say) "Building the page"
	@cd web && npm run --silent build -- --logLevel warn
	@touch $@

$(MODEL): $(TRAINING) | .venv/.project
	$(say) "Training the model"
	@$(BIN)/sixty train
