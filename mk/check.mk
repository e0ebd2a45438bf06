# make check: everything that proves this project, step by step (mk/check.py).

FORMATTED = $(shell git ls-files '*.c' '*.h')

format-check: ## all C is as .clang-format has it
	$(Q)clang-format --dry-run -Werror $(FORMATTED)
.PHONY: format-check

CHECK_STEPS := format-check

check: ## everything that proves this project
	$(Q)$(PYTHON) mk/check.py build/check $(CHECK_STEPS)
.PHONY: check
