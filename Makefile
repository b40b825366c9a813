# Every command of the project is a target here; `make` alone lists them.
# demo and test need nothing but Go. The tools below are built from source by `go run` at the
# version pinned here, and Go's build cache keeps them; nothing is installed outside of it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Targets are written to be read in order, and most of them keep every core busy by themselves.
.NOTPARALLEL:

GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: ## run all tests, offline
	go test ./...

.PHONY: race
race: ## run all tests under the race detector (needs a C compiler)
	go test -race ./...

.PHONY: test-386
test-386: ## vet and test the client as a 32-bit program
	GOARCH=386 CGO_ENABLED=0 go vet ./tempnumber/...
	GOARCH=386 CGO_ENABLED=0 go test ./tempnumber/ ./tempnumber/internal/...

.PHONY: vet
vet: ## run go vet
	go vet ./...

.PHONY: lint
lint: ## run golangci-lint as .golangci.yml says
	$(GOLANGCI_LINT) config verify
	$(GOLANGCI_LINT) run ./...

.PHONY: fmt
fmt: ## format the code as the linter wants it
	$(GOLANGCI_LINT) fmt ./...

.PHONY: generate
generate: ## write gen/ anew from api/
	go generate ./...

# `git add -N` makes the diff see files that generation added; it stages no content.
.PHONY: drift
drift: generate ## fail when gen/ is not what api/ gives
	git add -N gen
	git diff --exit-code -- gen

.PHONY: tidy
tidy: ## fail when go.mod or go.sum is not tidy
	go mod tidy -diff

.PHONY: build
build: ## build the command line tool into bin/
	go build -trimpath -o bin/ ./tempnumber/cmd/...

.PHONY: check
check: drift tidy vet lint race test-386 ## everything that has to hold before a change lands
