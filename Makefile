# What a person runs. `make help` lists the targets; `python -m book` is underneath.

PORT ?= 8000
# Compiled modules are kept: without them each process would compile torch's anew, ten seconds of work.
unexport PYTHONDONTWRITEBYTECODE
# `make test TORCH=2.10.0` installs another torch, with the torchvision that fits, into an environment of its own.
# `make learner` is not meant: it makes a fresh environment each time, and the book's own stays as it is.
OTHER = $(if $(filter learner,$(MAKECMDGOALS)),,$(TORCH))
VENV = .venv$(OTHER:%=-%)
INSTALLED = $(VENV)/installed
BOOK = $(VENV)/bin/python -m book
LOG = $(VENV)/install.log
PIP = $(VENV)/bin/python -m pip install --disable-pip-version-check
# Formats and checks JavaScript and CSS; npm fetches it at its first use and keeps it outside this folder.
BIOME = npx --yes --prefer-offline @biomejs/biome@2.6.8
# The first Python on the PATH that is new enough; `make PYTHON=/path/to/python3` chooses another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

.PHONY: help book test quick execute chapter verify html serve bench learner mutation processors lint biome format types clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1	/' | expand -t 20

book: $(INSTALLED) ## check, build and serve the book on http://127.0.0.1:8000 (PORT=8001 changes it)
	@$(BOOK) verify
	@$(BOOK) build
	@$(BOOK) serve --port $(PORT)

test: $(INSTALLED) ## run every test (TORCH=2.10.0: with another torch, in .venv-2.10.0)
	@$(BOOK) verify
	@$(MAKE) --no-print-directory lint
	@$(VENV)/bin/python -m pytest -q -rs -n logical

quick: $(INSTALLED) ## check style and types, and run the fast tests on few examples; all else is left to make test
	@$(MAKE) --no-print-directory -j 2 verify lint types
	@$(VENV)/bin/python -m pytest -q -rs -n logical --hypothesis-profile=quick tests book --ignore=tests/bench --ignore-glob="tests/browser/test_*" -m "not (bench or browser or compiler or long or notebook or processes or site)"

execute: $(INSTALLED) ## run the chapters that changed and store their outputs (ALL=1: every one; WHY=1: only say which, and why)
	@$(BOOK) execute $(if $(ALL),--all) $(if $(WHY),--why)

chapter: $(INSTALLED) ## run, check and build one chapter (NAME=adam)
	@$(BOOK) chapter $(NAME)

verify: $(INSTALLED) ## check notebooks, pages and claims without running them
	@$(BOOK) verify

html: $(INSTALLED) ## build the site into _build/html (SITE_URL=https://… adds Colab buttons)
	@$(BOOK) build $(if $(SITE_URL),--site-url $(SITE_URL))

serve: $(INSTALLED) ## serve the built site (PORT=8001 changes the port)
	@$(BOOK) serve --port $(PORT)

bench: $(INSTALLED) ## measure on this computer (NAME=sums; without it, the list)
	@$(BOOK) bench $(NAME)

learner: $(INSTALLED) ## run every notebook as a learner does, in a fresh environment, 10 minutes (TORCH=2.10.0: with another torch)
	@$(VENV)/bin/python -m tests.site.all_notebooks $(TORCH)

gpu: $(INSTALLED) ## run all that only a GPU can show, within 25 minutes, into one report; after a cut it goes on
	@$(BOOK) bench gpu

mutation: $(INSTALLED) ## change each sign and constant of the optimizers and see that the tests notice (NAME=Adam: of one)
	@$(VENV)/bin/python -m tests.mutation $(NAME)

processors: $(INSTALLED) ## compare the chapters' outputs as on older processors and on this one (NAME=newton: one chapter's)
	@$(VENV)/bin/python -m tests.chapters.processors $(NAME)

lint: $(INSTALLED) biome ## check the code's style: Python with ruff, JavaScript and CSS with Biome
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .

biome: ## check the style of JavaScript and CSS alone (BOOK_REQUIRE_NODE=1: npm must be there)
	@if said=$$($(BIOME) check --error-on-warnings $(WRITE) 2>&1); then echo "$$said"; \
	elif $(BIOME) --version >/dev/null 2>&1; then echo "$$said" >&2; exit 1; \
	elif [ "$$BOOK_REQUIRE_NODE" = 1 ]; then echo "Biome did not start; install Node.js with npm and check the network." >&2; exit 1; \
	else echo "Skipped: JavaScript and CSS are not checked, for Biome did not start. It needs npm, and the network once."; fi

format: $(INSTALLED) ## format the code: Python, JavaScript and CSS
	@$(VENV)/bin/ruff check --fix --quiet .
	@$(VENV)/bin/ruff format --quiet .
	@$(MAKE) --no-print-directory biome WRITE=--write

types: $(INSTALLED) ## check the types of book/
	@$(VENV)/bin/pyrefly check

clean: ## remove what was built; .venv stays
	@rm -rf _build .pytest_cache .ruff_cache

$(INSTALLED): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found; install it, or name it: make PYTHON=/path/to/python3." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ echo "$(PYTHON) is not Python 3.11 or newer; name another one: make PYTHON=/path/to/python3." >&2; exit 1; }
	@test -x $(VENV)/bin/python || "$(PYTHON)" -m venv $(VENV) || \
	{ echo "The folder $(VENV) could not be made; install Python's venv module, then run make again." >&2; exit 1; }
	@echo "Installing the requirements into $(VENV); the first time takes a few minutes; $(LOG) says how far it is."
	@sed '$(if $(OTHER),s/^torch==.*/torch==$(OTHER)/; s/^torchvision==.*/torchvision/)' requirements.txt >$(VENV)/requirements.txt
	@$(PIP) --no-compile -r $(VENV)/requirements.txt >$(LOG) 2>&1 && \
	$(PIP) --no-build-isolation --no-deps -e . >>$(LOG) 2>&1 || \
	{ echo "The requirements could not be installed; check the network, then run make again ($(LOG) holds what pip said)." >&2; exit 1; }
	@touch $@
