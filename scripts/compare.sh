#!/bin/sh
# compare.sh: what make compare runs. It sets Earshot's clusters beside UMAP + HDBSCAN on the same vectors of Banking77.
#
# It needs a Python with numpy, scipy, scikit-learn and umap-learn: on Debian, apt install umap-learn. PYTHON names another
# interpreter; EARSHOT_QUALITY_DATA the folder that has banking77/.
set -eu
cd "$(dirname "$0")/.."
python=
for candidate in ${PYTHON:-python3 /usr/bin/python3}; do
	if "$candidate" -c 'import numpy, scipy, sklearn, umap' 2>/dev/null; then
		python=$candidate
		break
	fi
done
if [ -z "$python" ]; then
	echo "compare: no Python with numpy, scipy, scikit-learn and umap-learn was found: apt install umap-learn, or name one with PYTHON" >&2
	exit 1
fi
data=${EARSHOT_QUALITY_DATA:-../shared/data}/banking77
work=$(mktemp -d "${TMPDIR:-/tmp}/earshot-compare.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$work/earshot" ./cmd/earshot
go build -buildvcs=false -o "$work/compare" ./scripts/compare
{ cat "$data/test.csv"; tail -n +2 "$data/train.csv"; } >"$work/all.csv"
cp "$data/test.csv" "$work/test.csv"
for set in test all; do
	echo "== Banking77, $set"
	"$work/earshot" eval cluster --file "$work/$set.csv" --label category --json |
		"$python" -c 'import json, sys; r = json.load(sys.stdin); print("Earshot: %d clusters, %.1f %% outliers, ARI %.1f, NMI %.1f, %.1f s" % (r["clusters"], 100 * r["outlier_rate"], 100 * r["ari"], 100 * r["nmi"], r["seconds"]["cluster"]))'
	dims=$("$work/compare" -file "$work/$set.csv" -out "$work/$set.f32")
	"$python" scripts/compare/compare.py "$work/$set.f32" "$dims" "$work/$set.csv"
done
