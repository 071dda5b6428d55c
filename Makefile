# Everything is done with the Go toolchain. `make test` also installs what the
# integration tests need: ffmpeg, Chromium, jq, zsh, fish, mandoc and rclone (by the system's package manager) and
# versitygw, an S3 server (by the Go toolchain, into bin/).

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
GO          ?= go
BIN         := $(CURDIR)/bin
FUZZTIME    ?= 10s
BENCH       ?= .
BENCHCOUNT  ?= 1
ONLY        ?=
RESUME      ?=
SEEDS       ?= 500
ROUNDS      ?= 3
SEED        ?= 1
BENCHHOURS  ?= 4
HOURS       ?= 48
STORM       ?= 1000
IMAGE       ?= recfin:dev
IMAGEARCH   ?= $(shell $(GO) env GOARCH)
MANIFEST    ?= deploy/kubernetes/base

# Folders with a go.mod of their own: what they need is no dependency of recfin.
MODULES     := deploy/check deploy/image

VERSITYGW   := github.com/versity/versitygw/cmd/versitygw@v1.8.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.1
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.1.4
VULNDB      ?= https://vuln.go.dev

# Tests find the programs that were installed here first.
export PATH := $(BIN):$(PATH)

# install a package with the package manager of the system
define install
{ root=; if [ "$$(id -u)" != 0 ]; then root=sudo; fi; \
  if ! command -v apt-get >/dev/null || { [ -n "$$root" ] && ! command -v sudo >/dev/null; }; then \
    echo '$(1) is missing: install it with the package manager of this system' >&2; exit 1; fi; \
  $$root apt-get update -qq; \
  $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null; }
endef

.DEFAULT_GOAL := help
.PHONY: help build man demo test matrix sim long storm crash faults model check layers vuln tools fuzz bench image manifest clean

help: ## list what can be made
	@echo 'make TARGET, where TARGET is one of:'
	@sed -nE 's/^([a-z]+):.*## (.*)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

build: ## build bin/recfin
	@mkdir -p '$(BIN)'
	$(GO) build -trimpath -o '$(BIN)/recfin' ./cmd/recfin

man: build ## write the manual page, bin/recfin.1
	'$(BIN)/recfin' man >'$(BIN)/recfin.1'

demo: build ## finalize an embedded broadcast in a folder and show what was decided
	'$(BIN)/recfin' demo

# Property tests draw from SEED, so that a change is judged by what it changes. 0 draws
# anew each time, and so finds what nobody has met.
test: tools ## run all tests; what would be skipped fails. SEED=0: property tests draw anew
	@mkdir -p '$(BIN)'
	RAPID_SEED=$(SEED) RECFIN_TEST_REQUIRE=1 RECFIN_MATRIX_TABLE='$(BIN)/matrix.txt' RECFIN_TEST_FIGURES='$(BIN)/figures' RECFIN_TEST_SHOTS='$(BIN)/shots' $(GO) test -timeout 30m -parallel 6 ./...
	for module in $(MODULES); do RECFIN_TEST_REQUIRE=1 $(GO) test -C $$module -vet=off ./...; done
	@echo 'What was tried:'
	@sed 's/^/  /' '$(BIN)/matrix.txt' '$(BIN)'/figures/*
	@$(GO) test -v -run '^(TestRequestsWithSidecars|TestRequestsWithoutSidecars|TestSimulator|TestHoursAgainstGreedy)$$' ./finalize ./finalize/timeline \
	  | { grep -E '^(crash points|FAIL|--- FAIL)|all kinds|(cost|hours)_test.go' || true; } | sed -E 's/^ +[a-z_]+\.go:[0-9]+: /  /'

matrix: tools ## join and judge every cell of the matrix of media and histories
	RECFIN_TEST_REQUIRE=1 RECFIN_MATRIX=all $(GO) test -count=1 -timeout 2h -v -run '^TestMatrix$$' ./internal/matrix \
	  | grep -vE '^(=== |    --- PASS|        --- PASS)'

sim: ## judge SEEDS (500) simulated histories of each kind
	RECFIN_SIM_SEEDS=$(SEEDS) $(GO) test -count=1 -timeout 30m -v -run '^TestSimulator$$' ./finalize/timeline

long: ## join a recording of HOURS (48) with a wrapping clock; judge every sample, measure memory and time
	RECFIN_TEST_HOURS=$(HOURS) $(GO) test -count=1 -timeout 60m -v -run '^TestHours$$' ./internal/endless

model: ## play all schedules of the model, and switch off each safety rule in turn; takes long
	RECFIN_MODEL=all $(GO) test -count=1 -timeout 2h -v -run '^(TestModel|TestModelAny)$$' ./finalize -rapid.checks=3000 \
	  | { grep -vE '^=== |draw' || true; }
	RECFIN_MODEL=all $(GO) test -count=1 -timeout 2h -v -run '^TestRulesOff$$' ./internal/rules | { grep -vE '^ *(=== |--- PASS)' || true; }

storm: ## finalize STORM (1000) random recordings over a network in bad weather
	RECFIN_STORM=$(STORM) $(GO) test -count=1 -timeout 1h -v -run '^(TestStorm|TestHTTPStorm)$$' ./finalize ./internal/survival | grep -v '^=== '

crash: tools ## let the process die at every operation of runs with all settings; takes long
	RECFIN_TEST_REQUIRE=1 RECFIN_TEST_CRASH=all $(GO) test -count=1 -timeout 4h -v -run '^(TestCrashSweep|TestHungPeer|TestPowerCut|TestHTTPCrash|TestKilled|TestFaults|TestDisk|TestProcesses)$$' ./finalize ./store/file ./internal/survival \
	  | { grep -E '^(crash points|ok|FAIL|--- FAIL| +--- FAIL)|_test.go:' || true; }

faults: ## run into each fault of a store, passing and lasting, at each phase of a run; takes long
	RECFIN_TEST_REQUIRE=1 RECFIN_TEST_CRASH=all $(GO) test -count=1 -timeout 2h -v -run '^TestFaultTable$$' ./cmd/recfin | grep -v '^ *=== '

check: ## format, vet, staticcheck, layers, known vulnerabilities
	@bad=$$(gofmt -l .); \
	  if [ -n "$$bad" ]; then echo "not formatted (gofmt -w):"; echo "$$bad"; exit 1; fi
	$(GO) vet ./...
	@for module in $(MODULES); do $(GO) vet -C $$module ./...; done
	$(GO) run $(STATICCHECK) ./...
	$(MAKE) --no-print-directory layers vuln

layers: ## hold the imports of all packages against the architecture
	$(GO) test -count=1 cmd/recfin/layers_test.go

# A vulnerability that the code reaches fails (exit code 3). A database out of reach
# says nothing of the code: it fails only where RECFIN_VULN_REQUIRE is set.
vuln: ## look for known vulnerabilities that the code reaches, in VULNDB
	@mkdir -p '$(BIN)'; GOBIN='$(BIN)' $(GO) install $(GOVULNCHECK)
	@code=0; limit=; if command -v timeout >/dev/null; then limit='timeout 300'; fi; \
	  $$limit '$(BIN)/govulncheck' -db '$(VULNDB)' ./... >'$(BIN)/vuln.txt' 2>&1 || code=$$?; \
	  cat '$(BIN)/vuln.txt'; \
	  if [ $$code = 0 ]; then exit 0; fi; \
	  if [ $$code != 124 ] && ! grep -q '^govulncheck: fetching vulnerabilities' '$(BIN)/vuln.txt'; then exit $$code; fi; \
	  echo 'NOT CHECKED for known vulnerabilities: $(VULNDB) did not answer (RECFIN_VULN_REQUIRE=1 makes this a failure)' >&2; \
	  [ -z "$${RECFIN_VULN_REQUIRE:-}" ]

tools: ## install what the tests need and is missing
	@command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || $(call install,ffmpeg)
	@command -v chromium >/dev/null || $(call install,chromium)
	@command -v systemd-analyze >/dev/null || $(call install,systemd)
	@command -v jq >/dev/null || $(call install,jq)
	@command -v zsh >/dev/null && command -v fish >/dev/null || $(call install,zsh fish)
	@command -v mandoc >/dev/null || $(call install,mandoc)
	@command -v rclone >/dev/null || $(call install,rclone)
	@if ! command -v versitygw >/dev/null; then mkdir -p '$(BIN)'; GOBIN='$(BIN)' $(GO) install $(VERSITYGW); fi

fuzz: ## run each fuzz target for FUZZTIME (10s)
	@grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file func; do \
	  target=$${func#func }; echo "$$target in $$(dirname $$file)"; \
	  $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$(dirname $$file)" </dev/null; \
	done

bench: tools build ## all comparisons and Go benchmarks; writes docs/benchmarks.md and docs/scale.md. BENCH=: without those that have no target. ONLY=store: one section; writes nothing
	@mkdir -p '$(BIN)'
	$(GO) build -o '$(BIN)/bench' ./internal/bench
	'$(BIN)/bench' -recfin '$(BIN)/recfin' -dir '$(BIN)' -save '$(BIN)/bench.txt' -rounds $(ROUNDS) -hours $(BENCHHOURS) -bench '$(BENCH)' -count $(BENCHCOUNT) \
	  $(if $(ONLY),-only '$(ONLY)',$(if $(filter-out .,$(BENCH)),-only go,-docs docs -keep '$(BIN)/bench.json' $(if $(RESUME),-resume)))

# As in deploy/Dockerfile.
image: ## the container image IMAGE (recfin:dev) as bin/image.tar, without Docker, and what is in it; CERTS: other CA certificates
	@mkdir -p '$(BIN)'
	CGO_ENABLED=0 GOOS=linux GOARCH=$(IMAGEARCH) $(GO) build -trimpath -ldflags='-s -w' -o '$(BIN)/recfin.linux' ./cmd/recfin
	$(GO) run -C deploy/image . -binary '$(BIN)/recfin.linux' -arch $(IMAGEARCH) -tag '$(IMAGE)' $(if $(CERTS),-certs '$(abspath $(CERTS))') -o '$(BIN)/image.tar'

manifest: ## print the Kubernetes objects of MANIFEST (deploy/kubernetes/base), checked; as kubectl kustomize does
	@$(GO) run -C deploy/check ./manifest '$(abspath $(MANIFEST))'

clean: ## remove what was built
	rm -rf '$(BIN)'
