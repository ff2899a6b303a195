#!/usr/bin/env bash
# The running service against its own document: no 5xx, no answer outside the schema, as an administrator who may do
# nearly everything. Needs Python; schemathesis comes into a folder of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
chmod 711 "$work"
python=target/verify/python
[ -x "$python/bin/schemathesis" ] || { python3 -m venv "$python" && "$python/bin/pip" install --quiet schemathesis; }

port=${PORT:-18090}
MOFANG_DATA="$work/data" MOFANG_LISTEN="127.0.0.1:$port" MOFANG_LOG=warn MOFANG_RATE_ANONYMOUS=1000000 MOFANG_RATE_ANONYMOUS_ACTS=1000000 MOFANG_RATE_SIGNED_IN=1000000 target/release/mofang serve --demo > "$work/out" 2>"$work/err" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do curl -fs "http://127.0.0.1:$port/health/ready" > /dev/null && break; sleep 0.1; done

password=$(awk '$1 == "admin" { print $3 }' "$work/out")
token=$(curl -fs "http://127.0.0.1:$port/v1/sign-ins" -H 'content-type: application/json' \
  -d "{\"email\": \"admin@demo.example\", \"password\": \"$password\"}" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

"$python/bin/schemathesis" run "http://127.0.0.1:$port/v1/openapi.json" \
  --header "Authorization: Bearer $token" --header 'Accept-Language: en' \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
  --exclude-path-regex '^/v1/(events|sign-ins)' --max-examples "${EXAMPLES:-30}" --seed 1 --workers 1
MOFANG_DATA="$work/data" target/release/mofang check
