# 安全屋. `make run` and `make test` need nothing but make and Python 3.11 or newer.

.DEFAULT_GOAL := help
.PHONY: help run test check format lint types imports knowledge pytest bench screenshots requirements clean

VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= config.yaml
TESTS ?=
BENCH ?= all

# The first Python that is new enough and can make a virtual environment; PYTHON=/path/to/python overrules.
FITS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c '$(FITS)' >/dev/null 2>&1; then echo $$p; break; fi; done)

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.ready-run ## set up and start: web chat on :8080, staff desk on :8080/console/
	@exec $(BIN)/python -m bot serve --config $(CONFIG)

test: check pytest ## set up and run everything that CI runs

check: lint types imports knowledge ## everything but pytest

lint: $(VENV)/.ready-dev ## formatting and lint, changing nothing
	$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --diff --quiet . | head -n 40; \
		echo '格式不对，运行 make format 改正。 Run: make format'; exit 1; }
	$(BIN)/ruff check --quiet .

format: $(VENV)/.ready-dev ## format the code and repair what lint can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(VENV)/.ready-dev ## mypy, strict
	$(BIN)/mypy

imports: $(VENV)/.ready-dev ## who may import whom
	$(BIN)/lint-imports

knowledge: $(VENV)/.ready-dev ## config.yaml, answers, quizzes, wording
	$(BIN)/python -m bot check --config $(CONFIG)

pytest: $(VENV)/.ready-dev ## the tests alone; TESTS="tests/domain -k leap" runs some
	$(BIN)/python -m pytest --numprocesses 4 --dist loadfile $(TESTS)

bench: $(VENV)/.ready-dev ## speed and size as ratios in one run; BENCH=search|store|telegram|desk|start|all
	$(BIN)/python -m bot bench $(BENCH)

screenshots: $(VENV)/.ready-dev ## the pictures of the README, taken from the running product (needs Chromium)
	$(BIN)/python -m tests.pictures docs/images

requirements: $(VENV)/.ready-dev ## pin the newest versions that pyproject.toml allows, with hashes
	test -x $(VENV)/pins/bin/uv || { $(BIN)/python -m venv $(VENV)/pins && $(VENV)/pins/bin/pip install --quiet uv; }
	$(VENV)/pins/bin/uv pip compile pyproject.toml --upgrade --universal --generate-hashes --no-header \
		--no-annotate --python-version 3.11 --extra documents --extra images -o requirements.txt --quiet
	$(VENV)/pins/bin/uv pip compile pyproject.toml --upgrade --universal --generate-hashes --no-header \
		--no-annotate --python-version 3.11 --extra documents --extra images --group dev \
		--constraint requirements.txt -o requirements-dev.txt --quiet
	sed -n 's/^semantic = \["\(.*\)"\]/\1/p' pyproject.toml | $(VENV)/pins/bin/uv pip compile - --universal \
		--generate-hashes --no-header --no-annotate --python-version 3.11 --no-deps \
		-o requirements-semantic.txt --quiet

clean: ## remove the environment and caches; data in var/ and the key stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find bot knowledge storage tests bench -name __pycache__ -prune -exec rm -rf {} +

# One stamp a set of packages: a second start installs nothing. The development set contains the other.
$(VENV)/.ready-run: requirements.txt | $(VENV)/.made
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.ready-dev: requirements-dev.txt requirements.txt | $(VENV)/.made
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(VENV)/.ready-run $@

$(VENV)/.made:
	@test -n '$(PYTHON)' || { \
		if command -v python3 >/dev/null 2>&1 && python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
			echo '这个 Python 建不了虚拟环境。Debian、Ubuntu 请先装：sudo apt-get install python3-venv' >&2; \
			echo 'This Python cannot make a virtual environment. Debian, Ubuntu: sudo apt-get install python3-venv' >&2; \
		else \
			echo '需要 Python 3.11 或更新的版本。装好后再来，或写明它在哪里：make run PYTHON=/路径/python3.11' >&2; \
			echo 'Python 3.11 or newer is needed. Install it, or say where it is: make run PYTHON=/path/to/python3.11' >&2; \
		fi; exit 1; }
	@'$(PYTHON)' -c '$(FITS)' 2>/dev/null || { \
		echo '$(PYTHON) 低于 3.11，或缺少 venv。 $(PYTHON) is older than 3.11 or lacks venv.' >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || '$(PYTHON)' -m venv --clear $(VENV)
	@touch $@
