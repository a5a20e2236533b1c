# `make` lists the targets. Tools that cargo does not bring are installed once, outside of the tree, by
# tests/foreign/install.sh.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export SMSMUX_TOOLS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/smsmux/tools
BUF := $(SMSMUX_TOOLS)/venv/bin/buf
INSTALL := tests/foreign/install.sh

# Static checks, the cheap ones first.
CHECKS := check-fmt check-spelling check-proto check-breaking check-clients check-reference check-chart check-alerts check-deploy check-deb check-newcomer check-site check-packages check-deps check-clippy check-doc

# The clients that `make test` runs: make test CLIENTS="python go", or CLIENTS= for none.
CLIENTS := $(sort $(notdir $(patsubst %/scenario.sh,%,$(wildcard clients/*/scenario.sh))))

# What draws the charts of the benchmarks; and what they are told: make bench ARGS="compare --quick".
BENCH_PACKAGES := $(SMSMUX_TOOLS)/bench/load/requirements.txt
ARGS :=

.PHONY: help test soak check tools fmt demo clients reference site dashboard image deb manifests prove-systemd bench bench-build bench-instructions bench-peers bench-wire \
	needs rust-components list-checks $(CHECKS)

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target text; do \
		printf '  make %-18s %s\n' "$$target" "$$text"; done

test: ## Run every test, then the clients of every language against the server
	@tests/foreign/needs.sh $(CLIENTS)
	@$(INSTALL) grpcurl health-probe python
	@tests/run.sh $(CLIENTS)

.PHONY: rolling-restart
rolling-restart: ## Replace three replicas under load, by SIGTERM and by SIGKILL, and count what clients see; ARGS="--rate 100"
	@$(INSTALL) python
	cargo build --locked
	tests/rolling/run.sh $(ARGS)

soak: ## Send beside the closes of idle connections, 120,000 times (10 minutes)
	cargo test --locked --test soak -- --ignored --nocapture

check: $(CHECKS) ## Run every static check; each one is a target of its own:

check-fmt: rust-components ## Formatting of the Rust code
	cargo fmt --all --check
	cargo fmt --check --manifest-path benches/baselines/rust/Cargo.toml
	cargo fmt --all --check --manifest-path clients/rust/Cargo.toml

check-spelling: ## Spelling of code and documentation
	@$(INSTALL) codespell
	$(SMSMUX_TOOLS)/venv/bin/codespell

check-proto: ## Lint and formatting of the protos
	@$(INSTALL) buf
	$(BUF) lint
	$(BUF) format -d --exit-code

check-breaking: ## Whether a client of the last release still understands the protos
	@$(INSTALL) buf
	$(BUF) breaking --against clients/descriptors/smsmux.binpb

check-clients: ## Whether the committed stubs in clients/ are those of the protos
	clients/generate.sh --check

check-reference: ## Whether docs/reference and docs/errors are those of the protos
	docs/reference.sh --check

check-chart: ## Lint of the Helm chart, Kubernetes' schemas, and whether deploy/manifests are those of the chart
	deploy/chart.sh --check

check-alerts: ## Rules of Prometheus, with series that must raise them, and whether the dashboard is that of its source
	@type -P promtool >/dev/null || tests/foreign/debian.sh prometheus
	promtool check rules deploy/chart/files/rules.yaml
	promtool test rules deploy/monitoring/rules_test.yaml
	python3 deploy/monitoring/dashboard.py | cmp - deploy/chart/files/dashboard.json

check-deploy: ## Shell scripts, container file and unit of deploy/
	@deploy/tools/install.sh
	$(SMSMUX_TOOLS)/deploy/venv/bin/shellcheck deploy/*.sh deploy/*/*.sh tests/support/pod.sh
	$(SMSMUX_TOOLS)/deploy/venv/bin/hadolint deploy/image/Containerfile
	@! type -P systemd-analyze >/dev/null || \
		systemd-analyze security --offline=true --threshold=15 --no-pager deploy/systemd/smsmux.service | tail -n 1

check-deb: ## The Debian package: installed, started, upgraded, removed and purged in a root of its own
	@type -P fakeroot >/dev/null || tests/foreign/debian.sh fakeroot
	deploy/debian/prove.sh "$$(deploy/debian/build.sh --profile dev)"

prove-systemd: ## Has a systemd in namespaces run the unit; only as root, where overlayfs and cgroups are
	cargo build --locked
	deploy/systemd/prove.sh target/debug/smsmux

check-newcomer: ## The quick start, followed by a new user on a machine without a network
	cargo build --locked
	tests/newcomer.py $(or $(CARGO_TARGET_DIR),target)/debug/smsmux

check-packages: ## Whether registries would take the packages of clients/
	clients/packaging/check.sh

check-deps: ## Licences, bans and sources of the dependencies
	@$(INSTALL) cargo-deny
	$(SMSMUX_TOOLS)/bin/cargo-deny --locked check --hide-inclusion-graph bans licenses sources
	$(SMSMUX_TOOLS)/bin/cargo-deny --locked --manifest-path clients/rust/Cargo.toml --config deny.toml check \
		--hide-inclusion-graph bans licenses sources

check-site: ## The site of the documentation in a headless Chromium: widths, links, keyboard, search, axe
	docs/site.sh --check

check-clippy: rust-components ## Clippy, with warnings as errors
	cargo clippy --locked --all-targets --features foreign-clients,fuzzing -- -D warnings
	CARGO_TARGET_DIR=$(or $(CARGO_TARGET_DIR),target)/baselines cargo clippy --locked --all-targets \
		--manifest-path benches/baselines/rust/Cargo.toml -- -D warnings
	CARGO_TARGET_DIR=$(CURDIR)/clients/rust/target cargo clippy --locked --workspace --all-targets \
		--manifest-path clients/rust/Cargo.toml -- -D warnings

check-doc: ## Rustdoc, with warnings as errors
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

fmt: rust-components ## Format the Rust code and the protos
	@$(INSTALL) buf
	cargo fmt --all
	$(BUF) format -w

demo: ## Start the gateway with stand-in vendors and send a message
	cargo run --locked -- demo

clients: ## Generate the committed stubs in clients/ from the protos
	clients/generate.sh

reference: ## Write the API reference and the error catalogue from the protos
	docs/reference.sh

site: ## Make the site of the documentation in target/site/html
	docs/site.sh

image: ## Assemble the content of the image in target/image, and pack it as target/image.tar without a container engine
	rm -rf target/image
	SMSMUX_COMMIT=$$(git rev-parse --short=12 HEAD) deploy/image/build.sh target/image
	@size=$$(du --bytes --summarize target/image | cut -f 1); [[ $$size -le 25000000 ]] || { echo "the image has $$size bytes, more than 25 MB" >&2; exit 1; }
	SMSMUX_COMMIT=$$(git rev-parse --short=12 HEAD) python3 deploy/image/oci.py target/image target/image.tar

deb: ## Build the Debian package
	deploy/debian/build.sh

dashboard: ## Write the dashboard of Grafana from its source
	python3 deploy/monitoring/dashboard.py >deploy/chart/files/dashboard.json

manifests: ## Render deploy/manifests from the Helm chart
	deploy/chart.sh

bench: bench-build $(BENCH_PACKAGES) ## Measure smsmux beside its baselines (10 minutes); ARGS="all --write" writes benches/README.md
	@benches/baselines/install.sh
	$(dir $(BENCH_PACKAGES))bin/python benches/load $(ARGS)
	$(if $(ARGS),,python3 benches/load push)

bench-instructions: bench-build ## Count instructions, CPU and system calls of a SendMessage; fail on too many instructions
	@benches/baselines/install.sh h2load
	python3 benches/load instructions $(ARGS)

bench-peers: bench-build ## Install Envoy, Kannel and Jasmin, and measure smsmux beside them (10 minutes)
	@benches/baselines/install.sh h2load
	@benches/peers/install.sh || true # what could not be installed is left out, as was said
	python3 benches/load peers $(ARGS)

bench-wire: ## Measure the conversions and checks by themselves
	cargo bench --locked --features fuzzing

bench-build:
	cargo build --release --locked
	CARGO_TARGET_DIR=$(or $(CARGO_TARGET_DIR),target)/baselines cargo build --release --locked \
		--manifest-path benches/baselines/rust/Cargo.toml

# The list is copied in last: packages that have it are complete.
$(BENCH_PACKAGES): benches/load/requirements.txt
	rm -rf $(@D)
	python3 -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@cp $< $@

tools: ## Install all tools of the tests and checks into $SMSMUX_TOOLS
	@$(INSTALL)

needs: ## Say what the tests and checks need and this machine lacks
	@tests/foreign/needs.sh tools $(CLIENTS)

rust-components:
	@cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 || \
		rustup component add rustfmt clippy

# For .ci/run.
list-checks:
	@echo $(CHECKS)
