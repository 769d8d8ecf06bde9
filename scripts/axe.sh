#!/bin/sh
# axe.sh: what make axe runs. It checks the Pulse and every page of a served sample workspace with axe-core in Chromium, on a
# wide and on a narrow screen, in light and in dark, and fails when there is a violation.
#
# It needs Chromium (CHROMIUM names it), npm to fetch axe-core once, and curl.
set -eu
cd "$(dirname "$0")/.."

version=4.14.1
sum=e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
[ -n "$chromium" ] || { echo "axe: no Chromium: install chromium, or name one with CHROMIUM" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/earshot-axe.XXXXXX")
chmod 711 "$work"
serve=
finish() {
	[ -z "$serve" ] || kill "$serve" 2>/dev/null || true
	[ -z "$serve" ] || wait "$serve" 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

(cd "$work" && npm pack --silent "axe-core@$version" >/dev/null)
echo "$sum  $work/axe-core-$version.tgz" | sha256sum -c --quiet -
tar xzf "$work/axe-core-$version.tgz" -C "$work" package/axe.min.js

CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$work/earshot" ./cmd/earshot
(cd "$work" && ./earshot demo >demo.txt 2>&1) || { cat "$work/demo.txt"; exit 1; }
(cd "$work" && exec ./earshot serve --listen 127.0.0.1:0 --workspace demo 2>serve.txt) &
serve=$!
until grep -q 'the pages are at' "$work/serve.txt" 2>/dev/null; do
	kill -0 "$serve" 2>/dev/null || { cat "$work/serve.txt"; exit 1; }
	sleep 0.1
done
base=$(sed -n 's/.*url=\(http[^ ]*\).*/\1/p' "$work/serve.txt" | head -n 1)
go run ./scripts/axe -chromium "$chromium" -axe "$work/package/axe.min.js" -base "$base" -work "$work" "$work/out/pulse.html"
