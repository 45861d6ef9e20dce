# Everything happens in .venv and var/; nothing else on the machine is touched.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
UV := $(or $(shell command -v uv),$(BIN)/uv)
LOCK := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml
# Settings as a school would have them, with keys made on the spot.
RANDOM_KEY = $(BIN)/python -c 'import base64, os; print(base64.b64encode(os.urandom(48)).decode())'
PRODUCTION = env -u DEBUG SECRET_KEY="$$($(RANDOM_KEY))" TOKEN_KEYS="check:$$($(RANDOM_KEY))" \
	ALLOWED_HOSTS=portal.example.edu DATABASE_URL=postgres://localhost/portal REDIS_URL=redis://localhost/0

MESSAGES = DEBUG=1 DJANGO_SETTINGS_MODULE=tokenportal.settings $(BIN)/python -m django
UNREAD = .venv tests var docs requirements scripts

.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' Makefile)

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

run: .venv/.demo ## Run the portal; PORT=8000 and TOKENPORTAL_DATA=var say where
	@DEBUG=$${DEBUG:-1} exec $(BIN)/python manage.py up

test: lint ## Run all checks and all tests; ARGS="-k name" picks some, JOBS=2 is in how many processes
	$(BIN)/pytest --numprocesses=$(or $(JOBS),2) --dist=loadscope --no-loadscope-reorder $(ARGS)

lint: .venv/.dev ## Run all checks that need no test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	DEBUG=1 $(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	DEBUG=1 TOKENPORTAL_DATA=$${TOKENPORTAL_DATA:-var/test} $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

format: .venv/.dev ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: .venv/.dev ## Gather the words of all pages for translators, and compile what they wrote; needs Debian's gettext
	$(MESSAGES) makemessages --locale ar --no-obsolete --add-location file $(UNREAD:%=--ignore %)
	$(MESSAGES) compilemessages --ignore .venv

DECIDES = accounts/roles.py,accounts/tree.py,policies/decision.py,tokens/secrets.py,tokens/verification.py,tokens/lifecycle/*
OF_WHAT_DECIDES = tests/rules tests/lifecycle tests/classes tests/planning/test_applying.py tests/pages/test_leaving.py \
	tests/commands/test_import_tokens.py tests/emergency/test_pausing.py tests/restore/test_quarantine.py

coverage: .venv/.dev ## Measure which lines and branches of the code that decides its tests reach; fails below 100 %
	@rm -rf var/coverage && mkdir -p var/coverage
	$(BIN)/python -m coverage run -m pytest --quiet $(OF_WHAT_DECIDES)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --include="$(DECIDES)" --fail-under=100

coverage-all: .venv/.dev ## Measure which lines and branches of everything the tests in one process reach; ARGS="tests/x" for fewer
	@rm -rf var/coverage && mkdir -p var/coverage
	$(BIN)/python -m coverage run -m pytest --quiet $(or $(ARGS),--ignore tests/browser --ignore tests/bench tests)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

mutants: .venv/.dev ## Put faults into the code that decides and look which ones tests notice; ONLY="roles tree", JOBS=2
	$(BIN)/python -m tests.mutants --jobs $(or $(JOBS),2) $(if $(ONLY),--only $(ONLY))

test-screens: .venv/.dev ## Look at every page in both themes at both widths, and in every window; `make test` takes fewer
	SCREENS=all $(BIN)/pytest tests/browser/test_screens.py $(ARGS)

screenshots: .venv/.dev ## Take a picture of each screen into var/screenshots; ARGS="01 21" takes those that begin so
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

torture: torture-stale torture-kills torture-races torture-input torture-parsers torture-notices torture-restore torture-keys torture-deploys ## Run the long forms of all harnesses, one after the other, for most of a day

torture-stale: .venv/.dev ## Look for tokens accepted after their end; CHECKS=1000000 and SEED= say how long and which
	$(BIN)/python -m tests.torture.stale --checks $(or $(CHECKS),1000000) $(if $(SEED),--seed $(SEED))

torture-input: .venv/.dev ## Send bad input to every door, field and route; REQUESTS=250000 and SEED= say how much and which, FIELDS=1 leaves out credentials
	$(BIN)/python -m tests.torture.hostile --requests $(or $(REQUESTS),250000) $(if $(SEED),--seed $(SEED)) $(if $(FIELDS),--fields)

torture-parsers: .venv/.dev ## Bend the bytes that readers of strangers' bytes get, by atheris; RUNS=10000000 and SEED= say how often and which
	$(BIN)/python -m tests.torture.hostile.bending --runs $(or $(RUNS),10000000) $(if $(SEED),--seed $(SEED))

torture-notices: .venv/.dev ## Mail 100,000 notices while workers are killed, each once; NOTICES= and KILLS= say how many
	$(BIN)/python -m tests.torture.notices --notices $(or $(NOTICES),100000) --kills $(or $(KILLS),500)

torture-restore: .venv/.dev ## Restore old backups, and look for what comes back to life; ROUNDS=100 and SEED= say how often and which
	$(BIN)/python -m tests.torture.restore --rounds $(or $(ROUNDS),100) $(if $(SEED),--seed $(SEED))

torture-keys: .venv/.dev ## Change keys under load, in peace and in a hurry; ROUNDS=20 and SEED= say how often and which
	$(BIN)/python -m tests.torture.keys --rounds $(or $(ROUNDS),20) $(if $(SEED),--seed $(SEED))

torture-races: .venv/.dev ## Let two acts race, 10,000 times each; TRIALS=, SEED= and ONLY="word word" say how often and which
	$(BIN)/python -m tests.torture.races --trials $(or $(TRIALS),10000) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

torture-deploys: .venv/.dev ## Start servers anew under load behind nginx; ROUNDS=100 and SEED= say how often and which
	$(BIN)/python -m tests.torture.deploys --rounds $(or $(ROUNDS),100) $(if $(SEED),--seed $(SEED))

torture-kills: .venv/.dev ## Look for acknowledged writes that a kill -9 loses, of any server; KILLS=1000 and SEED= say how many and which
	$(BIN)/python -m tests.torture.kills --kills $(or $(KILLS),1000) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

bench: .venv/.dev var/bench/.installed ## Measure the check of a token beside its peers; ARGS="--tokens 10000" for less
	$(BIN)/python -m tests.bench $(ARGS)

bench-servers: .venv/.dev var/bench/.installed ## Measure web servers and their settings with /verify
	$(BIN)/python -m tests.bench.servers $(ARGS)

bench-policy: .venv/.dev ## Measure a change of policy that shortens 400,000 tokens; ARGS="--tokens 20000" for less
	$(BIN)/python -m tests.bench.policy $(ARGS)

bench-costs: .venv/.dev ## Measure what a check costs each server, and a row on disk; ARGS="--tokens 20000" for less
	$(BIN)/python -m tests.bench.costs $(ARGS)

bench-admin: .venv/.dev ## Measure every page of all tokens, and their export, at a million; ARGS="--tokens 20000" for less
	$(BIN)/python -m tests.bench.admin $(ARGS)

lock: $(UV) ## Choose the newest versions that pyproject.toml allows, and write them down with their hashes
	$(LOCK) --upgrade --extra embedded --extra dev --output-file requirements/dev.txt
	$(LOCK) --upgrade --extra embedded --output-file requirements/demo.txt
	$(LOCK) --upgrade --output-file requirements/base.txt
	$(LOCK) --upgrade --extra bench --output-file requirements/bench.txt

audit: $(UV) ## Ask the Python Package Index for known holes in the locked packages; fails where there is one
	$(UV) tool run pip-audit --strict --progress-spinner off --disable-pip --require-hashes --requirement requirements/base.txt

clean: ## Forget what can be made again; the portal's data in var/ stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis var/test* var/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/pip:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed. Say where it is: make PYTHON=/path/to/python3.11 run" >&2; exit 1; }
	@"$(PYTHON)" -m venv .venv

.venv/.demo: requirements/demo.txt $(BIN)/pip
	@echo "Installing the locked packages into .venv; this happens once."
	@$(PIP) --requirement requirements/demo.txt
	@touch $@

.venv/.dev: requirements/dev.txt $(BIN)/pip
	@echo "Installing the locked packages for development into .venv; this happens once."
	@$(PIP) --requirement requirements/dev.txt
	@touch .venv/.demo $@

var/bench/.installed: requirements/bench.txt $(BIN)/pip
	@echo "Installing the peers into an environment of the benchmark's own; this happens once."
	@mkdir -p var/bench
	@$(BIN)/python -m venv var/bench/venv
	@var/bench/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--requirement requirements/bench.txt
	@touch $@

$(BIN)/uv: $(BIN)/pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
