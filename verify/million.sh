#!/usr/bin/env bash
# A venue with a million bookings behind it: what people ask for all day still reads few rows of the database.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
chmod 711 "$work"
trap 'MOFANG_DATA=$work bash scripts/postgres stop "$work" > /dev/null 2>&1 || true; rm -rf "$work"' EXIT
python3 verify/million.py target/release/mofang "$work" "${BOOKINGS:-1000000}"
