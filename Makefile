# Everything that CI runs, and the demonstration. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || echo python3)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

help: ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup: .venv/.installed ## Make the environment in .venv.

.venv/.installed: pyproject.toml constraints.txt
	@echo "making the environment in .venv (a few minutes the first time)"
	@$(PYTHON) -m venv .venv
	@# torch first and alone: a range that admits newer releases would bring gigabytes of CUDA libraries.
	@$(INSTALL) torch==2.13.0
	@$(INSTALL) --editable '.[dev]'
	@touch $@

demo: setup ## The main job on real messages, from nothing to a verdict and three answers.
	@$(BIN)/suffice demo --out demo-out

test: setup ## The default tests: no network, tiny random models.
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup ## ruff, mypy strict, import-linter.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

test-real: setup ## Real base models, and the data sets that SUFFICE_DATA names.
	@$(BIN)/pytest -m real

bench: setup ## The benchmarks of speed, cut off and taken up as you like; ONLY="training latency", MINUTES=30.
	@$(BIN)/python benchmarks/bench.py $(if $(ONLY),--only $(ONLY)) $(if $(MINUTES),--minutes $(MINUTES))

peers: .venv-peers/.installed .venv-peers-vllm/.installed ## Other engines for the benchmarks; one is compiled, which takes many minutes.

.venv-peers/.installed: benchmarks/peers.txt
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement $<
	@touch $@

.venv-peers-vllm/.installed: benchmarks/peers_vllm.txt
	@$(PYTHON) -m venv .venv-peers-vllm
	@.venv-peers-vllm/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement $<
	@touch $@

clean: ## Take away what the demonstration and the tests wrote.
	@rm -rf demo-out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.PHONY: help setup demo test check test-real bench peers clean
