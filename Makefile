# A fresh machine needs python3 (3.11 to 3.13), make and a package index; every target installs what it needs, once.
# Settings of this file: PYTHON (interpreter that makes .venv), VENV (where it lies), LOCK (which pins), IN (folder of `make serve`).

VENV ?= .venv
LOCK ?= requirements.lock
IN ?= touchstone-demo
BIN := $(abspath $(VENV))/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check

# The first interpreter of the tested versions; failing that, python3 whatever it is, so that the message can name it.
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$python; exit; }; \
	done; echo python3)
endif

.DEFAULT_GOAL := help
.PHONY: help install demo spark comparisons serve test test-all check format bench calibrate docs screenshots translations lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(STAMP) ## make .venv and install the pinned versions (every other target does it too)

$(STAMP): $(LOCK) pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
		echo "Touchstone needs Python 3.11 or newer, and no '$(PYTHON)' was found. Install it, or name one: make PYTHON=/path/to/python3"; exit 1; } >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Touchstone needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Name a newer one: make PYTHON=/path/to/python3"; exit 1; } >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "'$(PYTHON)' could not make a virtual environment; on Debian and Ubuntu its part is missing: apt-get install python3-venv"; exit 1; } >&2
	@echo "Installing the versions of $(LOCK) into $(VENV) (once; some minutes on a slow line)"
	@$(PIP) install --quiet -r $(LOCK)
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## import the sample market, fit, report beside the truth, plan (at most 3 minutes)
	$(BIN)/touchstone demo

spark: $(STAMP) ## install Spark (needs Java 17): for events in a warehouse, and for its tests
	@$(PIP) install --quiet -r requirements-spark.lock

comparisons: $(STAMP) ## install the packages that `make bench` compares with: ChannelAttribution and pymc-marketing
	@$(PIP) install --quiet --no-deps -r requirements-comparisons.lock

serve: $(STAMP) ## serve the site over the demo's data (IN=FOLDER for another one)
	@test -d $(IN) || { echo "There is no folder $(IN) yet. Run 'make demo' first, or name your own: make serve IN=FOLDER"; exit 1; } >&2
	cd $(IN) && $(BIN)/touchstone serve $(if $(filter touchstone-demo,$(notdir $(IN))),--demo)

test: $(STAMP) ## run the tests but the slow ones (at most 6 minutes)
	$(BIN)/python -m pytest -m "not slow" --numprocesses auto --dist loadfile

test-all: $(STAMP) ## run all tests, known-truth recovery and load too
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: $(STAMP) ## lint, formatting, types, layering
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## mend what the linter can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(STAMP) ## print the figures of speed, memory and accuracy
	$(BIN)/python -m benchmarks

calibrate: $(STAMP) ## hold every method against markets whose truth is known (an hour and more; can be taken up again)
	$(BIN)/python -m benchmarks.calibrate.ranks --plots docs/calibration
	$(BIN)/python -m benchmarks.calibrate

docs: $(STAMP) ## write the generated pages again (docs/cli.md)
	$(BIN)/python -m jobs.reference docs/cli.md

screenshots: $(STAMP) ## take a picture of every page on the demo (IN=FOLDER), into docs/screenshots
	$(BIN)/python -m benchmarks._screenshots $(IN)

translations: $(STAMP) ## gather the messages of code and templates into the catalogues of all languages
	$(BIN)/pybabel -q extract -F campaigns/translations/babel.ini -k mark --sort-output --no-location \
		-o $(VENV)/touchstone.pot .
	$(BIN)/pybabel -q update -D touchstone -i $(VENV)/touchstone.pot -d campaigns/translations --no-fuzzy-matching

# uv resolves for every platform and Python at once; it is needed for this target only.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --group dev --universal --no-emit-index-url --no-header \
	$(if $(UPGRADE),--upgrade)

lock: $(STAMP) ## resolve both locks again from pyproject.toml (UPGRADE=1 for the newest versions)
	@$(PIP) install --quiet uv
	@printf 'pymc<6\narviz<1\n' > $(VENV)/pymc5.txt
	@printf 'pymc>=6\narviz>=1\n' > $(VENV)/pymc6.txt
	$(COMPILE) --python-version 3.11 --constraint $(VENV)/pymc5.txt --output-file requirements.lock
	$(COMPILE) --python-version 3.12 --constraint $(VENV)/pymc6.txt --output-file requirements-pymc6.lock

clean: ## remove .venv and what the tools left behind, never data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
