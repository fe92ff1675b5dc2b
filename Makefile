# Each target sets up what it needs; `make demo` and `make test` work in a fresh clone.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: venv demo tour test check docs clean

venv: .venv/.ready

.venv/.ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[sandbox,test]'
	touch $@

demo: venv
	$(BIN)/tanaban demo

tour: venv
	$(BIN)/tanaban demo --tour

test: venv
	$(BIN)/pytest

check: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/tanaban mapping check .
	$(BIN)/pytest -q tests/test_imports.py

docs: venv
	$(BIN)/python -m docs.generate

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
