# make help lists what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO       ?= go
VENVS    ?= $(CURDIR)/.venvs
FUZZTIME ?= 3s
export CGO_ENABLED ?= 0

.PHONY: help build test quick lint generate conformance fuzz soak clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/fleetscore
	$(GO) build -trimpath -o bin/fleetscore ./cmd/fleetscore

test: lint ui generate race portable conformance clouds postgres runtimes monitoring browser fuzz ## everything that must pass, from nothing (needs Debian's python3-venv, nodejs, npm, postgresql, chromium, and what runtimes needs)

quick: ## the tests that need Go alone
	$(GO) test ./...

lint: ## gofmt, vet, golangci-lint
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt -w $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool -modfile=tools/go.mod golangci-lint run --build-tags clouds,conformance,promtool,postgres,runtimes ./...

.PHONY: race portable
race: ## all tests under the race detector, without the second that it waits at the end of each process
	GORACE=atexit_sleep_ms=0 CGO_ENABLED=1 $(GO) test -race -timeout 30m ./...
	$(GO) test ./schedule ./sklearn/pickle

portable: ## the other platforms build
	for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64; do \
	  GOOS=$${target%/*} GOARCH=$${target#*/} $(GO) build -o /dev/null ./... || exit 1; done

$(VENVS)/ready: internal/testkit/python/venvs.sh $(wildcard internal/testkit/python/locks/*.txt)
	bash internal/testkit/python/venvs.sh $(VENVS)
	touch $@

generate: $(VENVS)/ready ## make generated files anew; they must not differ from what is committed
	$(GO) generate ./...
	$(VENVS)/sklearn-newest/bin/python sklearn/testdata/generate_legacy.py
	$(VENVS)/sklearn-newest/bin/python sklearn/pickle/testdata/generate.py
	$(VENVS)/sklearn-newest/bin/python examples/pumps/generate.py --readings-only
	@changed=$$(git status --porcelain -- sklearn examples docs); test -z "$$changed" || { echo "generated files differ from what is committed:"; echo "$$changed"; git diff -- sklearn examples docs | head -50; exit 1; }

conformance: $(VENVS)/ready ## compare with real scikit-learn and pandas, several versions
	FLEETSCORE_VENVS=$(VENVS) $(GO) test -tags conformance -count=1 -timeout 20m ./internal/conformance/...

SERVERS ?= $(CURDIR)/.servers
.PHONY: clouds bench
bench: ## measure beside the peers, which it installs, into bench/RESULTS.md (needs Debian's python3-venv)
	$(GO) run ./bench/peers
	$(GO) run ./bench/runs -python .bench/venv/bin/python
	$(MAKE) bench-runtime

.PHONY: bench-runtime
bench-runtime: $(VENVS)/ready ## measure Python and containers, into bench/RESULTS.md (needs what runtimes needs)
	bash internal/testkit/containers/install.sh $(CONTAINERS) $(VENVS)
	FLEETSCORE_CONTAINERS=$(CONTAINERS) $(GO) run ./bench/runtime -python $(VENVS)/runtimes/bin/python

clouds: ## the cloud stores, with real servers (needs npm)
	bash internal/testkit/servers/install.sh $(SERVERS)
	FLEETSCORE_SERVERS=$(SERVERS) $(GO) test -tags clouds -count=1 -timeout 15m ./store/cloudstore
	FLEETSCORE_SERVERS=$(SERVERS) $(GO) test -tags clouds -run '^TestClouds$$' -count=1 -timeout 15m ./cmd/fleetscore

.PHONY: postgres
postgres: ## the ledger in PostgreSQL, with real servers, and two services over it (needs Debian's postgresql)
	$(GO) test -tags postgres -run 'Postgres' -count=1 -timeout 15m ./ledger ./cmd/fleetscore

CONTAINERS ?= $(CURDIR)/.containers
.PHONY: runtimes
runtimes: $(VENVS)/ready ## foreign programs in real sandboxes, with what would do harm (needs root, and Debian's bubblewrap, podman, runc, debootstrap, docker-registry, libgomp1)
	bash internal/testkit/containers/install.sh $(CONTAINERS) $(VENVS)
	FLEETSCORE_CONTAINERS=$(CONTAINERS) FLEETSCORE_VENVS=$(VENVS) $(GO) test -tags runtimes -count=1 -timeout 15m ./score/runtime/...
	FLEETSCORE_CONTAINERS=$(CONTAINERS) FLEETSCORE_VENVS=$(VENVS) $(GO) test -tags runtimes -run 'Runtime' -count=1 -timeout 15m ./cmd/fleetscore

.PHONY: monitoring
monitoring: ## metrics, alert rules and dashboard, by promtool (needs it, or Debian's apt-get)
	bash internal/testkit/servers/promtool.sh $(SERVERS)
	FLEETSCORE_SERVERS=$(SERVERS) $(GO) test -tags promtool -count=1 -run '^TestDeploy' ./cmd/fleetscore

.PHONY: ui browser
ui: ## build the dashboard anew; its bytes must not differ from what is committed (needs Node 20.19 or later)
	cd web/ui && npm ci --no-fund --no-audit && npm run types && npm run check && npm run build
	@changed=$$(git status --porcelain -- web/ui); test -z "$$changed" || { echo "the dashboard that is built differs from what is committed:"; echo "$$changed"; exit 1; }

browser: build ## every view and action of the dashboard, in a browser, on a real service (needs Debian's chromium)
	cd web/ui && npm ci --no-fund --no-audit && npm run e2e

fuzz: ## fuzz everything that parses, FUZZTIME each
	GO=$(GO) FUZZTIME=$(FUZZTIME) bash internal/testkit/fuzz.sh

soak: ## the long forms: fuzzing, killing, random models
	$(MAKE) fuzz FUZZTIME=5m
	FLEETSCORE_SOAK=1 $(GO) test -count=1 -timeout 2h ./store/... ./ledger/... ./executor/... ./schedule/... ./stream/... ./window/... ./cmd/...
	FLEETSCORE_SOAK=1 $(MAKE) conformance clouds
	FLEETSCORE_SOAK=1 $(GO) test -tags postgres -run 'Postgres' -count=1 -timeout 2h ./ledger ./cmd/fleetscore

clean: ## remove what was built
	rm -rf bin .venvs .servers .containers .bench web/ui/node_modules
