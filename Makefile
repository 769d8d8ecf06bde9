# Every path is relative, so the checkout may lie anywhere.
VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: help setup build demo test lint bench bench-large chaos quality compare axe cover clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: ## get a PostgreSQL with pgvector, unless there is one
	@./scripts/setup.sh

build: ## build bin/earshot
	@CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)" -o bin/earshot ./cmd/earshot

demo: setup build ## from the sample feedback to a Pulse in out/
	@./bin/earshot demo

test: ## check and test everything, with the race detector, on a real PostgreSQL and NATS
	@./scripts/test.sh

lint: ## check the formatting, and run vet and staticcheck
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt these files:"; echo "$$unformatted"; exit 1; }
	@go vet ./...
	@go tool staticcheck ./...

bench: setup ## measure what must be fast
	@./scripts/bench.sh

chaos: setup ## kill it at every point, take its servers away, and see that nothing is lost; half an hour
	@go build -buildvcs=false -o bin/chaos ./internal/chaos/harness
	@exec ./bin/chaos $(PARTS)

bench-large: setup ## measure a run and searches over a million excerpts, which takes a while and 6 GB
	@EARSHOT_BENCH_LARGE=1 go test -run '^$$' -bench 'Recluster|Search' -benchtime 1x -timeout 120m ./app

compare: ## set the clusters beside UMAP + HDBSCAN, where Python has them
	@./scripts/compare.sh

quality: ## measure what can be measured, and write docs/quality.md
	@./scripts/quality.sh

axe: setup ## check the Pulse and the pages with axe-core in Chromium
	@./scripts/axe.sh

cover: setup ## test, and show what is not covered in out/cover.html
	@mkdir -p out
	@go test -coverprofile out/cover.out ./...
	@go tool cover -html out/cover.out -o out/cover.html
	@go tool cover -func out/cover.out | tail -n 1

clean: ## remove what was built and the reports; the database in data/ stays
	@rm -rf bin out
