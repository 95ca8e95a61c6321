# What a person runs. `make help` lists the targets; `python -m book` is underneath.

PORT ?= 8000
INSTALLED = .venv/installed
BOOK = .venv/bin/python -m book
LOG = .venv/install.log
PIP = .venv/bin/python -m pip install --disable-pip-version-check
# The first Python on the PATH that is new enough; `make PYTHON=/path/to/python3` chooses another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

.PHONY: help book test quick execute verify html serve bench mutation lint clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1	/' | expand -t 20

book: $(INSTALLED) ## check, build and serve the book on http://127.0.0.1:8000 (PORT=8001 changes it)
	@$(BOOK) verify
	@$(BOOK) build
	@$(BOOK) serve --port $(PORT)

test: $(INSTALLED) ## run every test: unit, notebooks, site, browser
	@$(BOOK) verify
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/python -m pytest -q -rs -n logical

quick: $(INSTALLED) ## check style and run the fast tests; the slow kinds are left to make test
	@$(BOOK) verify
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/python -m pytest -q -n logical -m "not (browser or compiler or notebook or processes or site)"

execute: $(INSTALLED) ## run the chapters that changed and store their outputs (ALL=1: every one)
	@$(BOOK) execute $(if $(ALL),--all)

verify: $(INSTALLED) ## check notebooks, pages and claims without running them
	@$(BOOK) verify

html: $(INSTALLED) ## build the site into _build/html (SITE_URL=https://… adds Colab buttons)
	@$(BOOK) build $(if $(SITE_URL),--site-url $(SITE_URL))

serve: $(INSTALLED) ## serve the built site (PORT=8001 changes the port)
	@$(BOOK) serve --port $(PORT)

bench: $(INSTALLED) ## measure on this computer (NAME=sums; without it, the list)
	@$(BOOK) bench $(NAME)

mutation: $(INSTALLED) ## change each sign and constant of the optimizers and see that the tests notice
	@.venv/bin/python -m tests.mutation

lint: $(INSTALLED) ## check the code's style
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

clean: ## remove what was built; .venv stays
	@rm -rf _build .pytest_cache .ruff_cache

$(INSTALLED): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found; install it, or name it: make PYTHON=/path/to/python3." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ echo "$(PYTHON) is not Python 3.11 or newer; name another one: make PYTHON=/path/to/python3." >&2; exit 1; }
	@test -x .venv/bin/python || "$(PYTHON)" -m venv .venv || \
	{ echo "The folder .venv could not be made; install Python's venv module, then run make again." >&2; exit 1; }
	@echo "Installing the requirements into .venv; the first time takes a few minutes."
	@$(PIP) --no-compile -r requirements.txt >$(LOG) 2>&1 && \
	$(PIP) --no-build-isolation --no-deps -e . >>$(LOG) 2>&1 || \
	{ echo "The requirements could not be installed; check the network, then run make again ($(LOG) holds what pip said)." >&2; exit 1; }
	@touch $@
