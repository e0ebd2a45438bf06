# make check: everything that proves this project, step by step (mk/check.py).

build/tools/stamp: mk/requirements.txt
	$(call say,VENV,build/tools)
	$(Q)rm -rf build/tools
	$(Q)$(PYTHON) -m venv build/tools
	$(Q)build/tools/bin/python -m pip --disable-pip-version-check --quiet install \
		--requirement $<
	$(Q)touch $@

C_SOURCES = $(shell git ls-files '*.c' '*.h')
PYTHON_SOURCES := conformance mk

format-check: build/tools/stamp ## C and Python look as .clang-format and mk/ruff.toml have it
	$(Q)build/tools/bin/clang-format --dry-run -Werror $(C_SOURCES)
	$(Q)build/tools/bin/ruff check --quiet --config mk/ruff.toml $(PYTHON_SOURCES)
	$(Q)build/tools/bin/ruff format --check --quiet --config mk/ruff.toml $(PYTHON_SOURCES)

format: build/tools/stamp ## makes them so
	$(Q)build/tools/bin/clang-format -i $(C_SOURCES)
	$(Q)build/tools/bin/ruff check --quiet --fix --config mk/ruff.toml $(PYTHON_SOURCES)
	$(Q)build/tools/bin/ruff format --quiet --config mk/ruff.toml $(PYTHON_SOURCES)
.PHONY: format format-check

CHECK_STEPS := format-check

check: ## everything that proves this project
	$(Q)$(PYTHON) mk/check.py build/check $(CHECK_STEPS)
.PHONY: check
