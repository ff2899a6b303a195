# What people who work on Mofang type. Every target sets up what it needs.
# Settings (MOFANG_LISTEN, DATABASE_URL, SMTP_URL, …) are passed through from the environment or the
# command line: `make run MOFANG_LISTEN=0.0.0.0:8080`.

MOFANG_DATA ?= $(CURDIR)/.mofang
export MOFANG_DATA

.PHONY: run test verify bench lint fmt api-spec postgres

run: postgres ## the product, with demonstration accounts
	cargo run --locked --release -- serve --demo

# Test programs leave their cluster running, for the next one to find it; it ends here.
test: postgres ## all that is deterministic
	@status=0; cargo test --locked || status=$$?; \
	  bash scripts/postgres stop target/tmp/mofang || true; exit $$status

verify: postgres ## what takes long: every script in verify/, in order
	cargo build --locked --release
	@set -e; for script in verify/*.sh; do [ -e "$$script" ] || continue; echo "== $$script"; bash "$$script"; done

bench: postgres ## pure code, then the whole service against the raw database
	cargo bench --locked

lint: ## formatting, clippy with warnings, and what the product is built from
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	@bash scripts/deny

fmt: ## formats the code
	cargo fmt

api-spec: ## writes api-spec/openapi.json anew, from the code
	cargo run --locked -- openapi > api-spec/openapi.json.new && mv api-spec/openapi.json.new api-spec/openapi.json

# The Postgres programs, unless a database is named.
postgres:
	@bash scripts/postgres ensure
