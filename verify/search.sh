#!/usr/bin/env bash
# The front desk's search among a million bookings: milliseconds, whatever is looked for. BOOKINGS: how many.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
chmod 711 "$work"
trap 'MOFANG_DATA=$work bash scripts/postgres stop "$work" > /dev/null 2>&1 || true; rm -rf "$work"' EXIT
python3 verify/search.py "${MOFANG:-target/release/mofang}" "$work" "${BOOKINGS:-1000000}"
