# make run: the register on http://127.0.0.1:8000 (PORT changes it). make test: the whole suite.
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$p; break; fi; done)
VAR_DIR ?= var
STATIC := $(VAR_DIR)/static/staticfiles.json

.PHONY: run test lint types suite bench lock messages clean

run: $(VENV)/run.stamp $(STATIC)
	@./$(VENV)/bin/python manage.py migrate --verbosity 0
	@$(PY) manage.py load_register
	@$(PY) manage.py create_first_users
	-@$(PY) manage.py run_jobs --once
	@echo "Open http://127.0.0.1:$(PORT) (Ctrl-C stops it)"
	@echo "To see pages with money moving: $(PY) manage.py load_illustrative loads fictional figures,"
	@echo "  labelled so, under http://127.0.0.1:$(PORT)/?commitment=illustrative-us-2025"
	@$(PY) manage.py run_jobs & jobs=$$!; \
	trap 'kill $$jobs 2>/dev/null; wait $$jobs 2>/dev/null' EXIT; trap 'exit 0' INT TERM; \
	$(PY) -m gunicorn config.wsgi --bind 127.0.0.1:$(PORT) --workers 2 --no-control-socket --log-level warning & web=$$!; \
	trap 'kill $$jobs $$web 2>/dev/null; wait 2>/dev/null' EXIT; wait $$web

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed and was not found."; exit 1; fi
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "The virtual environment could not be made. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/run.stamp: requirements.lock | $(VENV)/bin/python
	@echo "Installing dependencies (once)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(STATIC): $(VENV)/run.stamp config/settings.py $(shell find dashboard/static -type f)
	@$(PY) manage.py collectstatic --noinput --verbosity 0 --ignore rest_framework
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock | $(VENV)/bin/python
	@echo "Installing dependencies of the tests (once)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/run.stamp

test: lint types suite

lint: $(VENV)/dev.stamp
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(VENV)/dev.stamp
	$(PY) -m mypy
	$(PY) manage.py makemigrations --check --dry-run
	MODE=production SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))') \
		DATABASE_URL=postgres://u:p@127.0.0.1:5432/none REDIS_URL=redis://127.0.0.1:6379/0 ALLOWED_HOSTS=localhost \
		$(PY) manage.py check --deploy --fail-level WARNING

suite: $(VENV)/dev.stamp
	TEST_DATABASE=sqlite $(PY) -m pytest -q -n auto --dist loadfile -m "not pg and not redis"
	TEST_DATABASE=postgres REQUIRE_SERVICES=1 $(PY) -m pytest -q -n auto --dist loadfile -m "not browser"

bench: $(VENV)/dev.stamp
	$(PY) -m bench

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements-dev.lock

messages: $(VENV)/dev.stamp
	$(PY) manage.py makemessages -l ja --no-obsolete --no-wrap --no-location --ignore .venv --ignore tests
	$(PY) manage.py compilemessages -l ja --ignore .venv

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache
