#!/usr/bin/env bash
# Kills the process at random under load: nothing acknowledged is lost, every promised mail is sent. SECONDS of load: DRILL.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
chmod 711 "$work"
trap 'MOFANG_DATA=$work bash scripts/postgres stop "$work" > /dev/null 2>&1 || true; rm -rf "$work"' EXIT
python3 verify/kill.py target/release/mofang "$work" "${DRILL:-60}"
