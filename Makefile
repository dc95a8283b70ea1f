# Everything a person types here. `make` alone lists it.
# Needs Python 3.11 or newer, make and git; whatever else is needed goes into .venv (choose a Python: PYTHON=python3.12).

FULL ?=
SECONDS ?= 60
SEED ?= 1

RUN := .venv/bin
PREPARE := @sh tools/prepare.sh
export NO_MKDOCS_2_WARNING := 1

.PHONY: help demo test test-fast coverage check bench chaos docs lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-10s %s\n' "$$name" "$$what"; done

demo: ## start the bot, its simulator and its servers, and print where to look
	$(PREPARE) run
	@$(RUN)/dianabot demo

test: ## every test there is
	$(PREPARE) dev
	@$(RUN)/python -m tools.suite

test-fast: ## the tests without browser, kills and long runs: at most a minute
	$(PREPARE) dev
	@$(RUN)/python -m tools.suite --fast

coverage: ## every test, and which lines and branches none of them saw
	$(PREPARE) dev
	@$(RUN)/python -m tools.suite --coverage

check: ## format, lint, types, import contracts, budgets, schema, docs, security
	$(PREPARE) dev
	@$(RUN)/python -m tools.check

bench: ## figures beside their yardsticks (FULL=1: the long runs)
	$(PREPARE) dev
	@$(RUN)/python -m bench $(if $(FULL),--full)

chaos: ## kill everything at random under load (SECONDS=60 SEED=1)
	$(PREPARE) dev
	@$(RUN)/python -m tests.proof.chaos --seconds "$(SECONDS)" --seed "$(SEED)"

docs: ## write the generated pages and build the documentation into site/
	$(PREPARE) dev
	@$(RUN)/python -m tools.pages
	@$(RUN)/mkdocs build --strict
	@echo "Built: open site/index.html. Live while you write: $(RUN)/mkdocs serve"

lock: ## choose the newest versions that fit and write requirements/*.txt
	$(PREPARE) dev
	@sh tools/lock.sh

clean: ## remove what was made here (.venv, caches, site); the data directory stays
	@rm -rf .venv site dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.*
	@find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
	@echo "Clean. Next: make demo, or make test."
