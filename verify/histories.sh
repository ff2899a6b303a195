#!/usr/bin/env bash
# Random histories of a venue against a simple model of it, in far larger numbers than `make test` tries.
set -euo pipefail
cd "$(dirname "$0")/.."
trap 'bash scripts/postgres stop "${CARGO_TARGET_DIR:-target}/tmp/mofang" > /dev/null 2>&1 || true' EXIT
MOFANG_LONG=1 cargo test --locked --lib histories
MOFANG_LONG=1 cargo test --locked --test journeys histories::
