# The workflow, written down. `make` alone lists the targets.
#
# Needs Python 3.11 or newer (with venv), git and make. Everything else is installed into .venv from the hashed
# locks in requirements/.

SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000

# The moment at which this repository's own workspace is shown: mkdocs.yml is the one place that holds it.
SITE_NOW ?= $(shell sed -n 's/^ *now: *//p' mkdocs.yml)

# The theme and the continuation of the builder announce themselves on every build; the choice is made (ARCHITECTURE.md).
export NO_MKDOCS_2_WARNING := 1
export DISABLE_MKDOCS_2_WARNING := true

.DEFAULT_GOAL := help
.PHONY: help site serve test test-servers check campaign bench bench-feeds bench-filter bench-plan bench-tasks shots lighthouse lock clean now

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name what; do \
	  printf '  make %-12s %s\n' "$$name" "$$what"; done

# --- the environments, each with a stamp so that the second run installs nothing ---------------------------------

$(VENV)/.site: requirements/bootstrap.txt requirements/site.txt pyproject.toml .ci/environment
	@VENV="$(VENV)" .ci/environment site
	@touch $@

$(VENV)/.dev: requirements/bootstrap.txt requirements/dev.txt pyproject.toml .ci/environment
	@VENV="$(VENV)" .ci/environment dev
	@touch $@ $(VENV)/.site

# --- what people run ---------------------------------------------------------------------------------------------

site: $(VENV)/.site ## build this repository's own workspace into site/
	@start=$$(date +%s); \
	$(BIN)/signalbook build --strict --now $(SITE_NOW) --site-dir site && \
	pages=$$(find site -name '*.html' | wc -l | tr -d ' ') && \
	printf '\n%s pages in %s s, as of %s.\nLook at it:  open site/index.html\nServe it:    make serve, then http://127.0.0.1:%s/\n' \
	  "$$pages" "$$(( $$(date +%s) - start ))" "$(SITE_NOW)" "$(PORT)"

serve: $(VENV)/.site ## the same site with live reload
	@$(BIN)/signalbook serve --port $(PORT) --now $(SITE_NOW)

test: $(VENV)/.dev ## every test that needs neither root nor the network; says what it left out
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not registry and not servers" -q $(ARGS)

test-servers: $(VENV)/.dev ## the tests against real servers on this machine; installs what it can, says what it cannot
	@tests/servers/install || true
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m servers -q $(ARGS)

check: $(VENV)/.dev ## format, lint, types, import contracts, workflows
	@failed=; \
	$(BIN)/ruff format --check --output-format concise . || failed="$$failed format"; \
	$(BIN)/ruff check --quiet --output-format concise . || failed="$$failed lint"; \
	$(BIN)/mypy || failed="$$failed types"; \
	$(BIN)/lint-imports --no-cache || failed="$$failed imports"; \
	$(BIN)/zizmor --offline --no-progress --quiet --persona auditor .github signalbook/starter/.github || failed="$$failed workflows"; \
	if [ -n "$$failed" ]; then echo "Failed:$$failed"; exit 1; fi

campaign: $(VENV)/.dev ## publishing faults: N=1000 real schedules, M=100000 simulated ones, S= the seed
	@if [ "$(or $(N),0)" != 0 ]; then \
	  tests/servers/install git-http bluesky-pds mastodon-snac mastodon-emulator wordpress || true; \
	fi
	@$(BIN)/python -m tests.campaign --real $(or $(N),0) --simulated $(or $(M),10000) $(if $(S),--seed $(S))

bench-feeds: $(VENV)/.dev ## measure the fetching of a thousand feeds on loopback
	@$(BIN)/python -m bench.feeds

bench-filter: $(VENV)/.dev ## measure filters of the calendar and the boards of 5,000 posts in a browser, press to paint
	@$(BIN)/python -m bench.filter

bench-plan: $(VENV)/.dev ## measure `publish plan` of 20,000 posts on ten channels
	@$(BIN)/python -m bench.plan

bench-tasks: $(VENV)/.dev ## time five everyday tasks with mouse and keyboard against an earlier build; EARLIER= names its commit
	@$(BIN)/python -m bench.tasks $(if $(EARLIER),--earlier $(EARLIER))

bench: $(VENV)/.dev ## measure builds and checks on generated posts; N="500 2000" chooses the sizes
	@$(BIN)/python -m bench $(if $(N),--posts $(N))

shots: $(VENV)/.dev site ## pictures of the site's pages, light and dark, wide and narrow, into .cache/shots/
	@$(BIN)/python -m tests.shots

lighthouse: $(VENV)/.dev site ## Lighthouse on home, calendar, a plan and a post, where it is installed (LIGHTHOUSE= names it)
	@$(BIN)/python -m tests.lighthouse

lock: $(VENV)/.site ## rebuild requirements/*.txt from pyproject.toml
	@UV="$(BIN)/uv" .ci/lock

now: # the moment the workspace is shown at, for scripts
	@echo $(SITE_NOW)

clean: ## remove what was made: the site, the environment, the caches
	@rm -rf site .cache .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
