# make serve and make test are the two commands; everything else serves them.
#
# Needs make and Python 3.11 or newer; another Python: make serve PYTHON=python3.12
# Paths are relative throughout, so that a checkout in a folder with spaces works.

PYTHON ?= python3
SERVE_OPTIONS ?=
PYTEST_OPTIONS ?=

VENV := .venv
PY := $(VENV)/bin/python

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help serve test lint chromium frontend samples screenshots bench clean

help:
	@echo 'make serve        start the workbook on http://127.0.0.1:8866 and for the phones in the room'
	@echo 'make test         run every check and test'
	@echo 'make lint         only format, lint and types'
	@echo 'make frontend     build the script of the pages again (Node comes from PyPI)'
	@echo 'make samples      write the synthetic samples in data/samples/ again'
	@echo 'make screenshots  take the pictures in docs/images/ again'
	@echo 'make bench        measure side by side with its peers (twenty minutes; keep the machine quiet)'
	@echo 'make clean        remove everything that these make, never a record'

serve: $(VENV)/.installed
	@exec $(PY) -m reconnect_widgets serve --lan $(SERVE_OPTIONS)

# Cheap checks first; pytest last, so that its closing line is the last line printed. Two processes:
# most tests wait for a kernel or a browser. What stands in PYTEST_OPTIONS comes later and wins.
test: lint chromium
	@$(PY) -m pytest -n 2 --dist worksteal $(PYTEST_OPTIONS)

lint: $(VENV)/.installed-dev
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy

chromium: $(VENV)/.installed-dev
	@.ci/chromium $(PY)

frontend: $(VENV)/.installed-dev
	@cd frontend && ../.ci/npm ci --no-audit --no-fund && ../.ci/npm run build

samples: $(VENV)/.installed-dev
	@$(PY) -m reconnect_widgets.cli.samples data/samples

screenshots: $(VENV)/.installed-dev chromium
	@PYTHONPATH=. $(PY) .ci/screenshots.py

bench: $(VENV)/.installed-dev chromium
	@$(PY) -m bench

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache frontend/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Installed again only when what is asked for has changed. A stamp is touched last: an interrupted
# install is done again. A dangling .venv/bin/python (Python was upgraded) makes a new venv.
$(PY):
	@PYTHON='$(PYTHON)' .ci/venv $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml | $(PY)
	@echo 'make: installing what the workbook needs into $(VENV); the first time takes a few minutes'
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt pyproject.toml | $(PY)
	@echo 'make: installing what the tests need into $(VENV); the first time takes a few minutes'
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(VENV)/.installed $@
