#!/bin/sh
# bench.sh: what make bench runs. It prints what the project promises of its speed and size.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d "${TMPDIR:-/tmp}/earshot-bench.XXXXXX")
chmod 711 "$work"
serve=
finish() {
	[ -z "$serve" ] || kill "$serve" 2>/dev/null || true
	[ -z "$serve" ] || wait "$serve" 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

earshot=$work/earshot
CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o "$earshot" ./cmd/earshot
echo "machine: $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"
echo "binary: $(($(wc -c <"$earshot") / 1000000)) MB (at most 80)"

for run in first warm; do
	began=$(date +%s%N)
	(cd "$work" && "$earshot" demo >demo.txt 2>&1) || { cat "$work/demo.txt"; exit 1; }
	echo "demo, $run run: $((($(date +%s%N) - began) / 1000000)) ms (warm: at most 30,000)"
done

(cd "$work" && exec "$earshot" serve --listen 127.0.0.1:0 --workspace demo 2>serve.txt) &
serve=$!
until grep -q 'the pages are at' "$work/serve.txt" 2>/dev/null; do
	kill -0 "$serve" 2>/dev/null || { cat "$work/serve.txt"; exit 1; }
	sleep 0.1
done
sleep 5
echo "serve, idle: $(awk '/^VmRSS/ { print int($2 / 1000) }' "/proc/$serve/status") MB resident (at most 300)"
kill "$serve" && wait "$serve" || true
serve=

echo "quiet pools that seem to form something: at most 5 %"
go test ./cluster -run QuietPools -quiet-pools 200 -v | grep "quiet pools"
echo "end to end over 50,000 items: at least 2,500 items/s, and a third of bare inserts"
go test -run '^$' -bench EndToEnd -benchtime 1x ./app
echo "durable acceptance over HTTP: at least 10,000 items/s"
go test -run '^$' -bench HTTPBulk -benchtime 100x ./app
echo "from snapshot to page over 10,000, 100,000 and 1,000,000 excerpts of a year: at most 0.5, 1 and 5 s; and a look for alerts"
go test -run '^$' -bench 'Pulse/' -benchtime 3x -timeout 30m ./app
echo "search by meaning over 100,000 excerpts, exact and through the index: recall at 10 at least 95 %"
go test -run '^$' -bench Search -benchtime 1x -timeout 30m ./app
echo "whole runs of the clustering: 10,000 excerpts in 5 s under 1,000 MB, 100,000 in 60 s under 2,000 MB; make bench-large for 1,000,000"
go test -run '^$' -bench Recluster -benchtime 1x -timeout 30m ./app
go test -run '^$' -bench . -skip 'EndToEnd|HTTPBulk|Pulse|Recluster|Search' ./...
