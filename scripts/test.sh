#!/bin/sh
# test.sh: what make test and continuous integration run.
set -eu
cd "$(dirname "$0")/.."

# The tests of the private database need a server of their own, whatever the settings of this shell name.
env -u EARSHOT_DATABASE_URL ./scripts/setup.sh --compiler
make --no-print-directory lint

work=$(mktemp -d "${TMPDIR:-/tmp}/earshot-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
go build -buildvcs=false -o "$work/testsum" ./scripts/testsum
# The arithmetic of cluster/graph is watched by the race detector in its own tests alone: watched in everybody else's, too,
# it takes half of their time.
graph=earshot/cluster/graph
tests() {
	CGO_ENABLED=1 go test -race -timeout 30m -json "$@" || touch "$work/failed"
}
{
	tests -gcflags="$graph=-race=false" $(go list ./... | grep -vx "$graph")
	tests "$graph"
} | "$work/testsum"
test ! -e "$work/failed"
