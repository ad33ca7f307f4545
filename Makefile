# Two verbs matter: `make run` and `make test`. Both set up everything they need, as root or as an ordinary user.
.DEFAULT_GOAL := help
.PHONY: help run test check format clean

help:
	@echo "make run    set up and serve the demonstration on http://127.0.0.1:$${PORT:-8000}"
	@echo "make test   set up and run every test"
	@echo "make check  style, types and floors alone"

run:
	@sh scripts/setup.sh run
	@.venv/bin/python -m staffing run --beside tests.doubles.screening

test:
	@sh scripts/setup.sh test
	@$(MAKE) --no-print-directory check
	@.venv/bin/python -m pytest -n 2

check:
	@.venv/bin/python -m ruff check .
	@.venv/bin/python -m ruff format --check .
	@.venv/bin/python -m mypy

format:
	@.venv/bin/python -m ruff check --fix .
	@.venv/bin/python -m ruff format .

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
