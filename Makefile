# `make help` lists what there is to make.
#
# Debian packages are installed only where dpkg does not know them yet, so that everything here works offline the second time.

SWIFT    ?= swift
PREFIX   ?= /usr/local
DESTDIR  ?=
ARGS     ?=
JOBS     ?=
CHECKS   := Tests/Checks
VENV     := .build-venv

# The headers of what the program calls.
BUILD_PACKAGES := libyaml-dev libcurl4-openssl-dev libcrypt-dev zlib1g-dev
# What makes the man pages, and a package.
INSTALL_PACKAGES := python3
DEB_PACKAGES := $(INSTALL_PACKAGES) dpkg-dev
RELEASE_PACKAGES := $(DEB_PACKAGES) rpm binutils
# What boots other kernels.
KERNEL_PACKAGES := qemu-system-x86 busybox-static cpio kmod zstd xz-utils iproute2 python3
# What does so for arm64.
ARM64_PACKAGES := qemu-system-arm gcc-aarch64-linux-gnu libc6-dev-arm64-cross linux-libc-dev-arm64-cross busybox-static cpio kmod zstd xz-utils
# The real programs that the tests hold the exporter against, and the tools of the checks.
TEST_PACKAGES := $(BUILD_PACKAGES) prometheus prometheus-pushgateway prometheus-node-exporter prometheus-alertmanager \
  iproute2 nftables iptables conntrack procps curl openssl chromium shellcheck tmux wrk mandoc lintian systemd rpmlint python3-venv git $(RELEASE_PACKAGES)

# Warnings are errors for whoever changes the code, not for whoever only builds it with a newer compiler.
STRICT := PORTPOOL_STRICT=$(or $(PORTPOOL_STRICT),1)

REVISION := $(shell git rev-parse --short=12 HEAD 2>/dev/null)
BUILD := $(if $(REVISION),PORTPOOL_REVISION=$(REVISION)) $(SWIFT) build $(if $(JOBS),--jobs $(JOBS)) -c release \
  --product portpool --static-swift-stdlib
BINARY := .build/release/portpool

.DEFAULT_GOAL := help
.PHONY: help run build test test-kernels test-arm64 test-fresh-root check format bench bench-micro hostile soak pictures install deb release clean \
  build-packages test-packages strict-release strict-debug unit-tests program-tests deploy-tests

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F '|' '{ printf "  make %-12s %s\n", $$1, $$2 }'
	@echo 'Variables: ARGS (run), KERNELS (test-kernels, test-arm64), SUITES (test-kernels), PREFIX and DESTDIR (install), SIZES and RECORD (bench), JOBS.'

run: build ## build the exporter and serve http://localhost:10097/metrics; ARGS='…' are passed on
	$(BINARY) serve $(ARGS)

build: build-packages ## build the release binary, .build/release/portpool
	$(BUILD)

test: test-packages $(VENV)/.complete ## run every test: unit, kernel, end to end, deployment
	$(MAKE) unit-tests
	$(MAKE) strict-release
	$(MAKE) program-tests deploy-tests

test-kernels: build-packages ## run the kernel tests on other kernels, in qemu; KERNELS='6.1 7.3' for some, SUITES for some tests
	-@$(CHECKS)/install-packages $(KERNEL_PACKAGES)
	$(STRICT) $(SWIFT) build $(if $(JOBS),--jobs $(JOBS)) --build-tests
	Tests/Kernels/run .build/debug/portpoolPackageTests.xctest $(KERNELS)

test-arm64: ## try the programs in the kernel on kernels for arm64, emulated by qemu; KERNELS='6.1-arm64' for some
	-@$(CHECKS)/install-packages $(ARM64_PACKAGES)
	Tests/Kernels/arm64 $(KERNELS)

test-fresh-root: build ## install, upgrade and purge the Debian package in a fresh Debian with its own systemd, made by debootstrap
	@$(CHECKS)/install-packages debootstrap $(DEB_PACKAGES)
	Tests/Deploy/fresh-root $(BINARY)

check: test-packages $(VENV)/.complete ## format, warnings, scripts, fuzzing, linked libraries, tracked files, BPF objects
	$(CHECKS)/format
	$(CHECKS)/shell-scripts
	$(CHECKS)/tracked-files
	$(CHECKS)/bpf-objects
	$(MAKE) strict-debug
	$(MAKE) strict-release
	$(CHECKS)/linked-libraries $(BINARY)
	Tests/Deploy/run promtool
	Tests/Fuzz/run check

format: ## lay out the Swift sources as `make check` wants them
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests $(wildcard Benchmarks)

bench: build test-packages ## measure against cat, ss, node_exporter and the cost floor; RECORD=1 writes Benchmarks/README.md
	Benchmarks/run $(if $(RECORD),--record) $(SIZES)

bench-micro: ## measure each parser and the encoders by themselves
	$(SWIFT) package --package-path Benchmarks/Micro --scratch-path .build-micro --allow-writing-to-package-directory benchmark --format markdown

hostile: test-packages $(VENV)/.complete ## attack the program for an hour, under the address and thread sanitizers, and fuzz every parser
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" Tests/Program/hostile $(SECONDS)

soak: build test-packages ## scrape under load for a while and watch memory and descriptors
	Tests/Program/soak $(BINARY)

pictures: build test-packages ## draw the pictures of the documents anew, from the real program
	Tests/Program/pictures $(BINARY)

install: ## copy the built program, units, man pages and completions below $(DESTDIR)$(PREFIX)
	@test -x $(BINARY) || $(MAKE) build
	@$(CHECKS)/install-packages $(INSTALL_PACKAGES)
	deploy/install $(BINARY) "$(DESTDIR)" "$(PREFIX)"

deb: build ## build a Debian package
	@$(CHECKS)/install-packages $(DEB_PACKAGES)
	deploy/debian/build $(BINARY)

release: build ## make everything that a release consists of, in dist/
	@$(CHECKS)/install-packages $(RELEASE_PACKAGES)
	deploy/release $(BINARY)

clean: ## take away what was built
	rm -rf .build .build-* dist

build-packages:
	@$(CHECKS)/install-packages $(BUILD_PACKAGES)

test-packages:
	@$(CHECKS)/install-packages $(TEST_PACKAGES)

$(VENV)/.complete: $(CHECKS)/requirements.txt
	rm -rf $(VENV)
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

strict-debug:
	$(STRICT) $(SWIFT) build $(if $(JOBS),--jobs $(JOBS)) --build-tests

strict-release:
	$(STRICT) $(BUILD)

# Swift Testing only: XCTest would close with a line that says no test ran. One test at a time: most wait for real programs and sockets, and
# side by side they would wait for each other's threads.
unit-tests:
	$(STRICT) $(SWIFT) test $(if $(JOBS),--jobs $(JOBS)) --disable-xctest --no-parallel

program-tests:
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" Tests/Program/run $(BINARY)

deploy-tests:
	PORTPOOL_BINARY="$(CURDIR)/$(BINARY)" Tests/Deploy/run
