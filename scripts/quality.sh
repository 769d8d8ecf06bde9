#!/bin/sh
# quality.sh: what make quality runs. It measures what it can and writes docs/quality.md.
#
# EARSHOT_QUALITY_DATA names the folder that has banking77/ and nlupp/; without it, ../shared/data is used where it is there.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d "${TMPDIR:-/tmp}/earshot-quality.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$work/earshot" ./cmd/earshot
go build -buildvcs=false -o "$work/quality" ./scripts/quality
"$work/quality" -earshot "$work/earshot" -work "$work" -data "${EARSHOT_QUALITY_DATA:-../shared/data}" \
	-commit "$(git describe --always --dirty 2>/dev/null || echo 'none yet')" -out docs/quality.md
echo "wrote docs/quality.md"
