# Every command of the project is a target here; `make` alone lists them. demo and test need nothing
# but Go. Tools written in Go are run by `go run` at a pinned version: built from source once and kept
# in Go's build cache. Prism and the tools for TypeScript, which need Node 20, are kept in .cache/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Targets are written to be read in order, and most of them keep every core busy by themselves.
.NOTPARALLEL:

GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
ACTIONLINT := go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
GOVULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0
OASDIFF := go run github.com/oasdiff/oasdiff@v1.35.0
PRISM_VERSION := 5.14.2
PRISM := .cache/prism-$(PRISM_VERSION)/node_modules/.bin/prism
TYPESCRIPT_PACKAGES := openapi-typescript@7.13.0 openapi-fetch@0.17.0 typescript@5.9.3 @types/node@20.19.43
TYPESCRIPT := .cache/typescript

# Tests with the build tag "check" need modules that nothing else does: a network that breaks, the data of
# libphonenumber and of CLDR. `make check` and CI set it.
TAGS ?=
# Without vet, which `make vet` runs for all code at once: go test would analyse each dependency first.
GO_TEST = go test -vet=off $(if $(TAGS),-tags $(TAGS))

# The packages that have tests. The program that corrects the document has none, and what it is made of takes
# longer to build than all the rest; `make vet` looks at it.
TESTED = $$(go list -find $(if $(TAGS),-tags $(TAGS)) -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...)

# $(call first,PACKAGES,SENTENCE) says what is downloaded, where something has to be.
first = @GOPROXY=off go list -deps $(1) >/dev/null 2>&1 || echo "$@: $(2)"

# How long `make fuzz` stays with each target.
FUZZTIME ?= 60s

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## rent a number, receive an SMS and read its code, offline, over real HTTP
	$(call first,./tempnumber/examples/demo,the first time Go downloads three small modules (0.2 MB) and builds them and its own library)
	go run ./tempnumber/examples/demo

.PHONY: test
test: ## run all tests, offline
	$(call first,-test $(TESTED),the first time Go downloads some forty modules (27 MB) for tests and tool and builds them)
	$(GO_TEST) -p 4 $(TESTED)

.PHONY: race
race: ## run all tests under the race detector (needs a C compiler)
	@# Programs that are built for it sleep a second at their end, and tests start hundreds of them.
	GORACE=atexit_sleep_ms=0 $(GO_TEST) -race -timeout 20m $(TESTED)

.PHONY: test-386
test-386: ## vet the client as a 32-bit program, and test it where the machine runs such programs
	GOARCH=386 CGO_ENABLED=0 go vet ./tempnumber/...
	@if GOARCH=386 CGO_ENABLED=0 go test -run '^$$' ./tempnumber/internal/slot >/dev/null 2>&1; then \
		GOARCH=386 CGO_ENABLED=0 go test -vet=off ./tempnumber/ ./tempnumber/internal/... ./tempnumber/smscode/... ./tempnumber/tempnumbertest/...; \
	else \
		echo "test-386: this machine does not run 32-bit programs, so they were vetted and not tested"; \
	fi

.PHONY: vet
vet: ## run go vet
	go vet $(if $(TAGS),-tags $(TAGS)) ./...

.PHONY: lint
lint: ## run golangci-lint as .golangci.yml says, and actionlint
	$(GOLANGCI_LINT) config verify
	$(GOLANGCI_LINT) run ./...
	$(ACTIONLINT)

# It asks Go's database of vulnerabilities, which not every network reaches, so make check leaves it to CI.
.PHONY: vulnerabilities
vulnerabilities: ## search for known vulnerabilities in what the code calls
	$(GOVULNCHECK) ./...

.PHONY: fmt
fmt: ## format the code as the linter wants it
	$(GOLANGCI_LINT) fmt ./...

.PHONY: generate
generate: ## write gen/ and api/openapi.corrected.yaml anew from api/
	go generate ./...

# `git add -N` makes the diff see files that generation added; it stages no content.
.PHONY: drift
drift: generate ## fail when what is generated is not what api/ gives
	git add -N gen api/openapi.corrected.yaml
	git diff --exit-code -- gen api/openapi.corrected.yaml

# What the document asks of the code, said before the compiler and the other tests fail for the same reason.
# The first compiles whatever the document says, the second without the service in a box.
.PHONY: guards
guards: ## tell what a changed document asks of the code
	go test -count=1 ./tempnumber/internal/document
	go test -count=1 ./tempnumber/internal/guard
	go build ./tempnumber ./tempnumber/tempnumbertest

.PHONY: rehearse
rehearse: ## try the move to an invented next version of the document, on a copy
	go test -count=1 -v -timeout 30m ./tempnumber/internal/rehearsal -rehearse

.PHONY: tidy
tidy: ## fail when go.mod or go.sum is not tidy
	go mod tidy -diff

.PHONY: build
build: ## build the command line tool into bin/
	go build -trimpath -o bin/ ./tempnumber/cmd/tempnumber

# The version is in tempnumber/options.go; VERSION must be the same, so that a tag cannot say anything else.
.PHONY: dist
dist: ## build what is released into dist/, as make dist VERSION=v0.1.0
	go run ./tempnumber/cmd/tempnumber/packaging -version "$(or $(VERSION),v$(shell sed -n 's/^const Version = "\(.*\)"$$/\1/p' tempnumber/options.go))" -o dist

.PHONY: package
package: ## build what is released and try it in empty folders (needs Node 20, Python 3; installs Debian packages)
	.ci/package

# Vetting compiles the tests too; some are linked as well. CI runs them there.
.PHONY: cross
cross: ## vet and build everything, tests included, for Windows and macOS
	for target in windows/amd64 darwin/arm64; do \
		echo "== $$target"; \
		export CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/}; \
		go vet -tags check ./...; \
		go build ./...; \
		go test -exec "$$(command -v true)" -run '^$$' $$(go list ./tempnumber ./tempnumber/internal/slot ./tempnumber/cmd/tempnumber) >/dev/null; \
	done

$(PRISM):
	npm install --prefix .cache/prism-$(PRISM_VERSION) --no-save --no-package-lock --no-audit --no-fund --ignore-scripts \
		@stoplight/prism-cli@$(PRISM_VERSION)

$(TYPESCRIPT): Makefile
	npm install --prefix $(TYPESCRIPT) --no-save --no-package-lock --no-audit --no-fund --ignore-scripts $(TYPESCRIPT_PACKAGES)
	touch $(TYPESCRIPT)

.PHONY: contract
contract: $(PRISM) $(TYPESCRIPT) ## hold client and box against the document, by Prism and TypeScript (needs Node 20)
	.ci/contract $(PRISM) $(TYPESCRIPT)

# The providers' SDKs for Node, and the driver of a browser, at the versions of package.json.
NODE_EXAMPLES := tempnumber/examples/node
NODE_MODULES := $(NODE_EXAMPLES)/node_modules/.package-lock.json
$(NODE_MODULES): $(NODE_EXAMPLES)/package.json
	npm install --prefix $(NODE_EXAMPLES) --no-package-lock --no-audit --no-fund --ignore-scripts

.PHONY: intake
intake: $(NODE_MODULES) ## send SMS into the box with the SDKs of Twilio, AWS and Vonage (needs Node 20)
	go test -tags sdks -count=1 -v -run SDKs ./tempnumber/tempnumbertest/internal/intake

.PHONY: recipes
recipes: $(NODE_MODULES) ## sign up in a browser, in Python, in Go (needs Node 20, Python 3; installs Chromium)
	.ci/recipes

.PHONY: browser
browser: $(NODE_MODULES) ## try the page of the box in a real Chromium (needs Node 20; installs Chromium)
	.ci/browser $(NODE_EXAMPLES)/node_modules

.PHONY: fuzz
fuzz: ## fuzz each target for FUZZTIME (60s)
	.ci/fuzz $(FUZZTIME)

.PHONY: mutate
mutate: ## mutation tests of limiter, sharing, results, retries and reconcile; 90 % must be killed
	.ci/mutate tempnumber/internal/slot
	.ci/mutate tempnumber/internal/share state.go orders.go clocks.go snapshot.go fact.go seal.go status.go
	.ci/mutate tempnumber/internal/orders
	.ci/mutate tempnumber/internal/transport tracker.go retryafter.go
	.ci/mutate tempnumber result.go retry.go reconcile.go purchase.go

.PHONY: bench
bench: ## print the tables of limits and waits, and what single steps cost
	go test -timeout 2h -run '^$$' -bench . -benchtime 1x ./tempnumber/internal/bench/...
	go test -run '^$$' -bench . -benchmem $$(go list ./tempnumber/... | grep -v /internal/bench)

.PHONY: programs
programs: ## let real programs share a key at true scale, with all that can go wrong (8 minutes)
	go test -count=1 -v -timeout 20m ./tempnumber/internal/programs -long

.PHONY: redis
redis: ## share keys by a real Redis, which is started for it (installs redis-server where it is missing)
	.ci/redis

.PHONY: sockets
sockets: ## try the limiter on real sockets for 15 seconds (needs a C compiler)
	go test -race -count=1 -v -run Sockets ./tempnumber/internal/slot -sockets 15s

.PHONY: cover
cover: ## show how much of each package its tests cover
	@mkdir -p .cache
	go test -coverprofile=.cache/cover.out ./tempnumber/...
	go tool cover -func=.cache/cover.out | tail -n 1

.PHONY: apicheck
apicheck: ## fail when the public face changed so that users' code breaks
	.ci/apicheck

.PHONY: apikeep
apikeep: ## keep the public face of now for apicheck, while there is no release
	.ci/apicheck --keep

.PHONY: specdiff
specdiff: ## tell what the changed api/openapi.yaml breaks, against the committed one
	@mkdir -p .cache
	git show HEAD:api/openapi.yaml > .cache/openapi.yaml
	$(OASDIFF) breaking .cache/openapi.yaml api/openapi.yaml --fail-on ERR

.PHONY: check
check: TAGS := check
check: drift guards tidy vet lint test race test-386 contract intake recipes browser redis cross package ## everything that has to hold before a change lands
	.ci/fuzz 10000x
