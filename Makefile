# Everything runs in a virtual environment of its own; nothing else is needed than
# Python 3.11 or newer and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: venv demo test check format bench playground playground-serve docs clean

venv: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --editable '.[k8s,etcd,consul,zookeeper]' --group dev
	touch $(STAMP)

demo: venv
	$(BIN)/minidock demo

test: venv
	$(BIN)/python -m pytest -n auto

check: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: venv
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: venv
	$(BIN)/python -m benchmarks

# A host in a browser tab: one folder for any web server. Needs npm and node.
playground: venv
	$(BIN)/python -m tools.playground

playground-serve: playground
	$(BIN)/python -m http.server --bind 127.0.0.1 -d build/playground

docs: venv
	$(BIN)/python -m tools.site

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
