# What people and CI do with the template; `make` alone lists it.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test pytest lint matrix bench bake lock seeds screenshot

# For fetching uv where it is missing.
PYTHON ?= python3
SERVICE := {{cookiecutter.project_slug}}
# Output is UTF-8 whatever the locale.
export PYTHONUTF8 := 1
# A bake finds the uv that was brought for the template.
export PATH := $(CURDIR)/.uv/bin:$(PATH)

# What is proven here does not end because an index did not answer once; bakes ask it just once.
demo pytest matrix: export UV_HTTP_RETRIES ?= 6

UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .uv/bin/uv)
RUN := $(UV) run --locked

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(UV) ## bake the default answers into demo/ and serve them; CHECK=1 tries it all in a temporary folder
	$(RUN) python -m tools.demo $(if $(CHECK),--check)

test: lint pytest ## everything but the matrix, with no server: lint, the template's tests, a generated suite

lint: $(UV) ## style of the template and of the service's sources in it
	$(RUN) ruff check --cache-dir .ruff_cache .
	$(RUN) ruff format --check --cache-dir .ruff_cache .

# Four, since much of it waits for processes; who has nothing left takes over what waits for others.
# What was asked of this make is not asked of those of bakes.
pytest: $(UV)
	env -u MAKEFLAGS -u MAKEOVERRIDES -u ARGS $(RUN) pytest --numprocesses 4 --dist worksteal $(ARGS)

matrix: $(UV) ## bake every row, check it and run its suite on real servers; ARGS='--jobs 1 mysql-*' for some
	$(RUN) python -m tools.matrix $(ARGS)

bench: $(UV) ## measure bakes and the service, with PostgreSQL and redis-server; ONLY=bake|requests|pages|bulk|tasks|events|memory SECONDS_PER_ROUND=1 EVENTS=1000
	$(if $(filter-out bake,$(ONLY)),,$(RUN) python -m benchmarks.bake $(ARGS))
	$(if $(filter bake,$(ONLY)),,$(RUN) python -m benchmarks.service $(ONLY) $(if $(SECONDS_PER_ROUND),--seconds $(SECONDS_PER_ROUND)) $(if $(EVENTS),--events $(EVENTS)))

bake: $(UV) ## answer the questions and bake into the folder INTO, by default this one's parent
	$(RUN) cookiecutter --output-dir $(or $(INTO),..) .

lock: $(UV) ## resolve the template's own tools; ARGS=--upgrade for newer versions
	$(UV) lock $(ARGS)

seeds: $(UV) ## resolve what bakes get, once for each Django version; ARGS=--upgrade for newer versions
	$(RUN) python -m tools.seed_lock $(ARGS)

screenshot: $(UV) ## make docs/api.png anew, the picture in README.md; needs Chromium
	$(RUN) python -m tools.screenshot

.uv/bin/uv:
	$(PYTHON) "$(SERVICE)/scripts/bring_uv.py" .uv
