# What there is to do with Postroom. `make` lists it. Nothing is needed but Python 3.11 or later and package registries.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run test test-live-local check coverage contracts bench simulate load deploy destroy workspace suspend resume grant withdraw bootstrap lock openapi client clean dead-letters redrive purge flags app scan reencrypt

PYTHON ?= python3
STAGE ?= dev
export POST ONCE WEBHOOK KEY

BIN := .venv/bin
VENV := .venv/.ready
PEERS_VENV := .venv-peers/.ready
SCANS_VENV := .venv-scans/.ready
CDK := infra/node_modules/.package-lock.json
CONTRACTS := tests/contracts/node_modules/.package-lock.json
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
DEAD_LETTERS = $(BIN)/python -m infra.dead_letters --api "$(API)" --platform "$(PLATFORM)"
ON_WORKSPACES = $(BIN)/python -m infra.workspace --stage "$(STAGE)"
RUN_CDK = $(WITH_NODE) infra/node_modules/.bin/cdk --context stage=$(STAGE) $(CONTEXT)
AT_ONE_CLOUD := --numprocesses 4 --dist loadscope --no-loadscope-reorder
AT_ONCE = --concurrency 8 # stacks of lanes: on prod each takes the ten minutes of a roll-out

help: ## list what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV) $(CDK) ## deploy all of it to an AWS emulator on this machine and publish (POST=my.md ONCE=1 WEBHOOK=url)
	@$(BIN)/python -m infra.local

test: $(VENV) $(CDK) $(CONTRACTS) ## run every test, the end-to-end ones on the emulator too, and every scan beside them
	@failed=0; log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
	echo "… The end-to-end tests, which mostly wait, run beside the others; what they say comes after these."; \
	$(BIN)/pytest -m end_to_end tests/end_to_end $(AT_ONE_CLOUD) > "$$log" 2>&1 & emulated=$$!; \
	nice make --no-print-directory scan & scans=$$!; \
	nice -n 5 $(BIN)/pytest -m "not end_to_end and not live" --numprocesses auto --dist worksteal || failed=1; \
	wait $$scans || { failed=1; echo "✗ A scan found something: see above, or run make scan."; }; \
	tail --lines=+1 --follow --pid=$$emulated "$$log"; \
	wait $$emulated || failed=1; \
	exit $$failed

scan: $(VENV) $(SCANS_VENV) ## look for known flaws in code, templates, dependencies, licences, and for secrets (STRICT=1: where all can be known)
	@$(BIN)/python -m tests.scans$(if $(STRICT), --strict)

test-live-local: $(VENV) ## publish for real, to Ghost, a Bluesky PDS and WordPress on this machine (installs 2 GB the first time)
	@$(BIN)/python -m tests.live.install
	$(BIN)/pytest -m live tests/live

check: $(VENV) ## look at format, style and types, then run every test
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	@$(MAKE) test

coverage: $(VENV) $(CONTRACTS) ## run the tests that need no emulator, and tell which lines none of them reaches
	$(BIN)/pytest -m "not end_to_end and not live" --numprocesses auto --dist worksteal --cov --cov-report=term --cov-fail-under=95

bench: $(VENV) $(if $(PEERS),$(PEERS_VENV)) ## measure what it costs, each figure beside its limit (PEERS=1: other task queues, too)
	@$(BIN)/python -m tests.bench

simulate: $(VENV) ## run the engine on a virtual clock under every fault (SEEDS=200, one again: SEED=7; RATES=1: for hours)
	@$(BIN)/python -m tests.simulation$(if $(RATES),.rates, --seeds $(or $(SEEDS),200) $(if $(SEED),--seed $(SEED)))

load: $(VENV) $(CDK) ## put a steady load on the local cloud while its platforms fail (RATE=2 SECONDS=30)
	@$(BIN)/python -m tests.load $(if $(RATE),--rate $(RATE)) $(if $(SECONDS),--seconds $(SECONDS))

bootstrap: $(VENV) $(CDK) ## prepare an AWS account for deployments, once (needs its credentials)
	$(RUN_CDK) bootstrap

deploy: $(VENV) $(CDK) ## show what will change on STAGE=dev or prod, ask, deploy to AWS (needs credentials; YES=1 asks nothing)
	$(RUN_CDK) diff --method=template
	@$(if $(YES),,read -r -p "Deploy all of this to $(STAGE)? [y/N] " answer && [ "$$answer" = y ])
	$(RUN_CDK) deploy --all $(AT_ONCE) --require-approval never

destroy: $(VENV) $(CDK) ## take STAGE=dev or prod down; its data is kept
	$(RUN_CDK) destroy --all $(AT_ONCE)

workspace: $(VENV) ## make a workspace on STAGE and its first key (NAME="My team" MAIL=example.org SUBJECT=… ISSUER=…)
	@$(ON_WORKSPACES) make --name "$(NAME)" --mail "$(MAIL)" --subject "$(SUBJECT)" --issuer "$(ISSUER)"

suspend: $(VENV) ## have nothing changed in a workspace on STAGE, and hold what is to go out (WORKSPACE=ws_… REASON="…")
	@$(ON_WORKSPACES) suspend --workspace "$(WORKSPACE)" --reason "$(REASON)"

resume: $(VENV) ## let a suspended workspace on STAGE go on (WORKSPACE=ws_…)
	@$(ON_WORKSPACES) resume --workspace "$(WORKSPACE)"

grant: $(VENV) ## let a workspace on STAGE send mail from domains or addresses (WORKSPACE=ws_… MAIL=example.org)
	@$(ON_WORKSPACES) grant --workspace "$(WORKSPACE)" --mail "$(MAIL)"

withdraw: $(VENV) ## let a workspace on STAGE send mail from these no more (WORKSPACE=ws_… MAIL=example.org)
	@$(ON_WORKSPACES) withdraw --workspace "$(WORKSPACE)" --mail "$(MAIL)"

flags: $(VENV) ## show the flags of STAGE (APPLY=1: infra/flags.json takes over at once; STOP=1: take back what takes over)
	@$(BIN)/python -m infra.flagging --stage "$(STAGE)" $(if $(APPLY),apply,$(if $(STOP),stop,show))

app: $(VENV) ## store an app's id and secret for connecting by consent, asked on the terminal (STAGE=dev PLATFORM=x)
	@$(BIN)/python -m infra.operators_app --stage "$(STAGE)" --platform "$(PLATFORM)"

reencrypt: $(VENV) ## seal all credentials on STAGE anew under the key of today (FRESH=1: with new data keys; AFTER=: go on)
	@$(BIN)/python -m infra.reencrypt --stage "$(STAGE)" $(if $(AFTER),--after "$(AFTER)") $(if $(FRESH),--fresh)

dead-letters: $(VENV) ## tell what was given up, on each platform or one (API=https://… KEY=an admin's PLATFORM=)
	@printf '%s' "$$KEY" | $(DEAD_LETTERS) $(if $(PLATFORM),look,count)

redrive: $(VENV) ## send a platform's dead letters once more (PLATFORM=discord API=https://… KEY=an admin's)
	@printf '%s' "$$KEY" | $(DEAD_LETTERS) redrive

purge: $(VENV) ## throw a platform's dead letters away for good (PLATFORM=discord API=https://… KEY=an admin's)
	@printf '%s' "$$KEY" | $(DEAD_LETTERS) purge

LOCK := pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --no-annotate
lock: $(VENV) ## pin all requirements anew (UPGRADE=--upgrade takes the newest)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv $(LOCK) $(UPGRADE) \
		--output-file layers/dependencies/requirements.txt layers/dependencies/requirements.in
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv $(LOCK) $(UPGRADE) \
		--output-file layers/media/requirements.txt layers/media/requirements.in
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv $(LOCK) $(UPGRADE) --output-file requirements.txt requirements.in
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv $(LOCK) $(UPGRADE) --output-file requirements-peers.txt requirements-peers.in
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv $(LOCK) $(UPGRADE) --output-file requirements-scans.txt requirements-scans.in
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv $(LOCK) $(UPGRADE) --no-deps \
		--output-file tests/contracts/requirements.txt tests/contracts/requirements.in

openapi: $(VENV) ## write the API's description anew, from the code and what it answers
	$(BIN)/python -m tests.functions.examples > /dev/null
	$(BIN)/python -m web.openapi > .openapi.json
	mv .openapi.json functions/api/openapi.json

client: $(VENV) ## write the Python client anew, from the API's description
	$(BIN)/python -m layers.client.generator

clean: ## remove all that is made: environments, caches, logs
	rm -rf .venv .venv-peers .venv-scans .local cdk.out infra/node_modules tests/contracts/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*

$(VENV): requirements.txt pyproject.toml
	@$(PYTHON) infra/local/install.py
	@touch $@

$(PEERS_VENV): requirements-peers.txt
	@echo "… Celery, Dramatiq, Taskiq and Huey are installed in .venv-peers"
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-peers.txt
	@touch $@

$(SCANS_VENV): requirements-scans.txt
	@echo "… checkov and detect-secrets are installed in .venv-scans"
	@$(PYTHON) -m venv .venv-scans
	@.venv-scans/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-scans.txt
	@touch $@

contracts: $(CONTRACTS) ## install what others have written of the platforms' APIs, for the tests to read

$(CONTRACTS): tests/contracts/package-lock.json tests/contracts/package.json tests/contracts/requirements.txt $(VENV)
	@echo "… the platforms' contracts are installed in tests/contracts/node_modules and .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement tests/contracts/requirements.txt
	@cd tests/contracts && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(CDK): infra/package-lock.json infra/package.json $(VENV)
	@echo "… AWS's CDK command is installed in infra/node_modules"
	@cd infra && $(WITH_NODE) npm ci --no-audit --no-fund --loglevel=error
	@touch $@
