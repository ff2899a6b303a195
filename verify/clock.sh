#!/usr/bin/env bash
# The journeys at other moments: either side of midnight, the end of a shift, the end of a year, a weekend. Nothing that
# they show may depend on when they run. Needs libfaketime.
set -euo pipefail
cd "$(dirname "$0")/.."

library=$(find /usr/lib /usr/local/lib -name libfaketime.so.1 2>/dev/null | head -1)
[ -n "$library" ] || { echo "libfaketime is missing. Install it with:  apt-get install faketime" >&2; exit 1; }
target=${CARGO_TARGET_DIR:-target}
journeys=$(cargo test --locked --no-run --test journeys 2>&1 | sed -n 's/.*journeys.*(\(.*\))/\1/p')

# a cluster keeps the clock that it was started with
stop() { bash scripts/postgres stop "$target/tmp/mofang" || true; }
trap stop EXIT

year=$(date -u +%Y)
# Shanghai is eight hours ahead: 16:00 is its midnight
for at in "$year-12-31 15:58:00" "$year-12-02 13:45:00" "$((year + 1))-01-08 16:00:30" "$((year + 1))-06-12 07:30:00" "$((year + 1))-02-28 23:59:00"; do
  stop
  echo "-- at $at (UTC)"
  TZ=UTC FAKETIME="@$at" LD_PRELOAD=$library "$journeys" --quiet < /dev/null
done
