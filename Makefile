PYTHON ?= python3
ROOT ?= .
DATA_DIR ?= data/raw
BIN := .venv/bin
# one word for the shell, whatever is in it; ~/ stays outside, because not every shell resolves it after a =
quoted = $(subst '~/,~/','$(subst ','\'',$(1))')
# processes with a thread each are faster than one with several; each needs about 2 GB. What Python compiles is kept, also
# where the environment says no: otherwise each process would compile every file again
PYTEST = PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal
CLI = $(BIN)/python -m src.cli --root $(call quoted,$(ROOT)) --data-dir $(call quoted,$(DATA_DIR))

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

.PHONY: setup
setup: .venv/ready ## install everything that is needed into .venv

.venv/ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Error: Python 3.11 or newer is needed; name it with make PYTHON=..."; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.PHONY: report
report: setup ## run the main job: data, baseline, three trainings, comparison
	$(CLI) run
	@echo Open $(call quoted,$(ROOT)/eval/comparison_report.html)

.PHONY: example
example: setup ## run the main job on the support questions, to runs/support
	$(BIN)/python -m src.cli --root runs/support --data-dir examples/support_questions --slice-by topic run
	@echo Open runs/support/eval/comparison_report.html

.PHONY: test
test: setup ## pass the tests
	$(PYTEST)

.PHONY: test-slow
test-slow: setup ## pass all tests, those that take minutes too
	$(PYTEST) -m ""

.PHONY: bench
bench: setup ## measure speed beside the plain trainer; takes a quarter of an hour and a quiet machine
	$(BIN)/python -m benchmarks --data-dir $(call quoted,$(DATA_DIR)) --whole

.PHONY: lint
lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: check
check: lint test ## everything that must hold before a change lands

.PHONY: pictures
pictures: setup ## draw the pictures of README and docs/concepts.md from the run in ROOT (needs chromium)
	$(BIN)/python docs/draw_concepts.py $(call quoted,$(ROOT)/eval/visualizations)
	$(BIN)/python docs/draw_pictures.py $(call quoted,$(ROOT)/eval/comparison_report.html)

.PHONY: lock
lock: ## pin the newest versions that pyproject.toml allows
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		--group dev --extra export --extra tensorboard --extra search --extra ray pyproject.toml --output-file requirements.lock
