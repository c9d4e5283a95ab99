# The commands of this project. Each makes the environment it needs; see demo/environment.py.

PYTHON ?= python3
VENV_PYTHON = .venv/bin/python
BULK ?=
GATEWAY ?=
ARGS ?=
WORKERS ?= 2
N ?= 2000
MINUTES ?= 5
SEED ?=
AIM ?=

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test test-outside check smoke bench lighthouse chaos histories intruder fuzz mutants sbom lock runtime dev

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

runtime:
	@$(PYTHON) -m demo.environment runtime

dev:
	@$(PYTHON) -m demo.environment dev

demo: runtime ## Run everything on this machine; Ctrl-C stops it (BULK=20000: large; GATEWAY=stripe, paypal or all)
	@exec $(VENV_PYTHON) -m demo.run $(if $(BULK),--invoices $(BULK)) $(if $(GATEWAY),--gateway $(GATEWAY))

demo-reset: runtime ## Throw the demo's data away and begin anew
	@exec $(VENV_PYTHON) -m demo.run --reset $(if $(BULK),--invoices $(BULK)) $(if $(GATEWAY),--gateway $(GATEWAY))

test: dev ## Run all tests (ARGS="-k posting" for some, WORKERS=4 for more at once)
	@CHROMIUM="$$($(VENV_PYTHON) -m demo.browser)" $(VENV_PYTHON) -m pytest -n $(WORKERS) --dist worksteal $(ARGS) || { \
	  code=$$?; [ $$code != 5 ] || echo "No test was run: ARGS selects none." >&2; exit $$code; }

test-outside: dev ## Run what the environment has keys for: the ERP's tenant, the gateways' test modes
	@$(VENV_PYTHON) -m tests.erp.outside $(ARGS)
	@$(VENV_PYTHON) -m tests.gateways.outside $(ARGS)

check: dev ## Lint, types, import contracts, templates, migrations
	@$(VENV_PYTHON) -m checks

smoke: runtime ## Walk from an ERP invoice to a posted payment on fresh data, and look at the ERP
	@exec $(VENV_PYTHON) -m demo.smoke

bench: dev ## Measure, each figure beside its limit
	@$(VENV_PYTHON) -m benchmarks $(ARGS)

lighthouse: dev ## Have Lighthouse judge four pages of the running demo, as on a phone
	@cd benchmarks/node && npm ci --ignore-scripts --no-audit --no-fund --silent
	@exec $(VENV_PYTHON) -m benchmarks.lighthouse $(ARGS)

histories: dev ## Play histories with every boundary faulted (N=2000), or one again (SEED=7 AIM=..)
	@exec $(VENV_PYTHON) -m tests.histories $(if $(SEED),--seed $(SEED),--histories $(N)) \
	  $(if $(AIM),--aim "$(AIM)")

mutants: dev ## Plant bugs and see that the histories catch each (ARGS="--only refund")
	@exec $(VENV_PYTHON) -m tests.histories.planting $(ARGS)

clients: dev ## Run clients that others wrote against the Business Central sandbox
	@$(PYTHON) -m demo.environment clients
	@exec $(VENV_PYTHON) -m tests.clients

chaos: dev ## Kill programs while buyers pay, then compare the books (MINUTES=5 SEED=7)
	@exec $(VENV_PYTHON) -m tests.chaos --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

intruder: dev ## Try every address as everybody, with others' ids (SEED=7; ARGS="--holes")
	@exec $(VENV_PYTHON) -m tests.intruder $(if $(SEED),--seed $(SEED)) $(ARGS)

fuzz: dev ## Have schemathesis try the doors of machines, as openapi.yaml describes them (SEED=7)
	@$(PYTHON) -m demo.environment fuzz
	@exec $(VENV_PYTHON) -m tests.fuzz $(if $(SEED),--seed $(SEED))

sbom: runtime ## Write what we stand on as CycloneDX, into var/sbom.cdx.json
	@exec $(VENV_PYTHON) -m demo.sbom $(ARGS)

lock: ## Make the locks of the requirements anew
	@$(PYTHON) -m demo.environment uv
	@for name in requirements requirements-dev requirements-uv requirements-clients requirements-fuzz; do \
	  .uv/bin/uv pip compile --universal --python-version 3.11 --only-binary :all: \
	    --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet $(ARGS) \
	    $$name.in -o $$name.lock || exit 1; \
	done
