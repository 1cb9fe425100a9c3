# `make demo` and `make test` are all that a newcomer needs; the README explains the rest.

SHELL := /bin/bash
SWIFT ?= swift
NORMGEN := .build/debug/normgen
DEMO := .build/demo
RUN := $(NORMGEN) run specs/layer_norm.norm \
  --input x=Tests/Data/digits.npy --input d_y=Tests/Data/digits_gradient.npy --backward

.PHONY: build demo test bench errors lint format deps arm mpi generated

build: deps
	$(SWIFT) build

# Compiles a spec, shows its derived gradient, and runs it on the handwritten digits three ways.
demo: build
	@echo; echo "== The equations of specs/layer_norm.norm and its derived gradient"
	$(NORMGEN) explain specs/layer_norm.norm
	@echo; echo "== Its C, for other projects"
	$(NORMGEN) compile specs/layer_norm.norm -o $(DEMO)
	@ls -l $(DEMO)/layer_norm.h $(DEMO)/layer_norm.c
	@echo; echo "== Forward and backward on 1797 handwritten digits"
	$(RUN) --engine jit --output $(DEMO)/jit
	$(RUN) --engine cc --output $(DEMO)/cc
	$(RUN) --engine interpreter --output $(DEMO)/interpreter
	@echo; echo "== The JIT against C: the same bits"
	$(NORMGEN) compare $(DEMO)/jit $(DEMO)/cc --tolerance 0
	@echo; echo "== The JIT against the interpreter, which computes in float64 (d_bias sums 1797"
	@echo "   numbers that cancel nearly to 0, hence the absolute part of the tolerance)"
	$(NORMGEN) compare $(DEMO)/jit $(DEMO)/interpreter --tolerance 1e-6 --absolute 1e-6

test: deps
	$(SWIFT) build --build-tests
	@set -o pipefail; $(SWIFT) test --skip-build 2>&1 | tee .build/test.log || \
	  { echo "== What failed:"; grep -aA 6 '✘' .build/test.log; false; }

# Measures kernels beside plain loops under gcc -O3 -ffast-math, about 5 minutes; with QUICK=1 less
# than one, and with PEERS=/path/to/python beside the libraries which that Python has.
bench: deps
	$(SWIFT) build -c release --product benchmark-table
	.build/release/benchmark-table $(if $(QUICK),--quick) $(if $(PEERS),--peers $(PEERS))

# How far kernels are from independent references, the largest errors of each family of norms.
errors: deps
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --filter FamilyErrorTests

lint:
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Package.swift
	.ci/budgets

format:
	$(SWIFT) format --in-place --parallel --recursive Sources Tests Package.swift

# TinyCC is the one thing that SwiftPM cannot fetch: its library, and its command for the tests.
deps:
	@if ! echo '#include <libtcc.h>' | cc -E -x c - > /dev/null 2>&1 || ! tcc -v > /dev/null 2>&1; then \
	  if [ "$$(id -u)" = 0 ]; then become=; else become=sudo; fi; \
	  echo "installing libtcc-dev and tcc"; \
	  $$become apt-get update && $$become apt-get install -y libtcc-dev tcc; \
	fi

# A cross compiler and an emulator, with which `make test` compares the bits of arm64, too.
arm:
	@if ! aarch64-linux-gnu-gcc --version > /dev/null 2>&1 || ! qemu-aarch64 --version > /dev/null 2>&1; then \
	  if [ "$$(id -u)" = 0 ]; then become=; else become=sudo; fi; \
	  echo "installing gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user"; \
	  $$become apt-get update && $$become apt-get install -y --no-install-recommends \
	    gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user; \
	fi

# Open MPI, with which `make test` lets processes train norms together.
mpi:
	@if ! mpicc --version > /dev/null 2>&1 || ! mpirun --version > /dev/null 2>&1; then \
	  if [ "$$(id -u)" = 0 ]; then become=; else become=sudo; fi; \
	  echo "installing openmpi-bin and libopenmpi-dev"; \
	  $$become apt-get update && $$become apt-get install -y --no-install-recommends \
	    openmpi-bin libopenmpi-dev; \
	fi

# Rewrites the committed C of all specs.
generated: build
	$(NORMGEN) compile specs/*.norm -o generated
