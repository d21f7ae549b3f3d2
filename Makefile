# The two commands are `make run` and `make test`; the others are parts of them.

.PHONY: run build ui test check lint bench clean

UI_SOURCES := $(shell find ui -path ui/node_modules -prune -o -path ui/dist -prune -o -type f -print 2>/dev/null)

# Builds everything and starts the server on SQLite in ./data.
run: build
	./target/release/custompbx serve

# Leaves target/release/custompbx, with the web interface in it.
build: ui/dist/index.html
	cargo build --release --locked -p custompbx

ui: ui/dist/index.html

ui/node_modules/.package-lock.json: ui/package.json ui/package-lock.json
	cd ui && npm ci --no-audit --no-fund
	touch $@

ui/dist/index.html: ui/node_modules/.package-lock.json $(UI_SOURCES)
	cd ui && npm run build
	touch $@

# Every check there is. The Rust tests are last, so that their summary ends the output.
test: check
	scripts/test-tools
	cargo build --locked -p custompbx
	scripts/schemathesis target/debug/custompbx
	cd ui && CUSTOMPBX_BIN=$(CURDIR)/target/debug/custompbx npx playwright test
	cargo test --workspace --locked

# What needs no database and no browser.
check: lint ui/dist/index.html
	cd ui && npm run typecheck && npm test && npm run size

lint: ui/node_modules/.package-lock.json
	cargo fmt --all --check
	cargo run --locked -q -p xtask -- tidy
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cd ui && npm run lint

# Workloads beside a reference; the table goes to bench/RESULTS.md.
bench: build
	cargo run --release --locked -p custompbx-bench -- all

clean:
	cargo clean
	rm -rf ui/dist ui/node_modules
