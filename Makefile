# Two commands matter: `make demo` (set up, run the main job on examples/) and `make test` (set up, pass everything).
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
JOBS ?= $(shell env -u OMP_NUM_THREADS nproc 2>/dev/null || echo 2)

# Two workers that train models on two cores each wait for each other.
test check: export OMP_NUM_THREADS ?= 1

.PHONY: demo demo-attacks demo-audit test check lint types format docs lock clean benchmark

demo: .venv/demo
	@$(BIN)/python examples/credit/demo.py

# Both policies ask for more robustness than the models have: the gate says so with 1, which is no failure of the demonstration.
demo-attacks: .venv/demo
	$(BIN)/python examples/spam-filter/build.py
	$(BIN)/aisecops run examples/spam-filter || test $$? -eq 1
	$(BIN)/python examples/intrusion-detection/build.py
	$(BIN)/aisecops run examples/intrusion-detection || test $$? -eq 1

# Privacy, fairness, explanations and defences of one model; its policy asks for more than it has.
demo-audit: .venv/demo
	$(BIN)/python examples/credit/audit.py
	$(BIN)/aisecops run examples/credit || test $$? -eq 1

test: .venv/test
	$(MAKE) --no-print-directory lint types
	$(BIN)/python -m pytest -n $(JOBS) -q

# The parts that everything else goes through; then run the tests of the folder that you changed.
QUICK := tests/cli tests/core tests/gate tests/pipeline tests/project tests/report tests/workflows tests/codebase/syntax tests/checks/configuration

check: .venv/test
	$(MAKE) --no-print-directory lint types
	$(BIN)/python -m pytest -n $(JOBS) -q -m "not slow" $(QUICK)

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --verbose

types: .venv/test
	$(BIN)/mypy

format: .venv/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The documentation as a site in build/site; `mkdocs serve` shows it while you write.
docs: .venv/test
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

benchmark: .venv/test
	$(BIN)/python benchmarks/model_files.py

# Needs uv; the lock files are for every platform, with hashes.
lock:
	uv pip compile pyproject.toml --extra examples --python-version 3.11 --universal --generate-hashes --no-header -q -o requirements/demo.txt
	uv pip compile pyproject.toml --extra examples --group test --python-version 3.11 --universal --generate-hashes --no-header -q -o requirements/test.txt

clean:
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache examples/*/build

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "aisecops needs Python 3.11 or newer: install it, or name it with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "aisecops needs Python 3.11 or newer, $(PYTHON) is older: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/demo: .venv/bin/python requirements/demo.txt pyproject.toml
	$(PIP) --require-hashes -r requirements/demo.txt
	$(PIP) --no-deps -e .
	@touch $@

# torch is not in the lock: its wheels differ by platform and by build, and its hash with them. So with it what is made for it.
.venv/test: .venv/bin/python requirements/test.txt pyproject.toml
	$(PIP) --require-hashes -r requirements/test.txt
	$(PIP) torch==2.13.0 captum==0.9.0 opacus==1.6.0
	$(PIP) --no-deps -e .
	@touch $@ .venv/demo
