# make check: everything that proves this project, step by step (mk/check.py).

build/tools/stamp: mk/requirements.txt
	$(call say,VENV,build/tools)
	$(Q)rm -rf build/tools
	$(Q)$(PYTHON) -m venv build/tools
	$(Q)build/tools/bin/python -m pip --disable-pip-version-check --quiet install \
		--requirement $<
	$(Q)touch $@

C_SOURCES = $(wildcard $(shell git ls-files --cached --others --exclude-standard '*.c' '*.h'))
PYTHON_SOURCES := conformance mk reference-vmm

format-check: build/tools/stamp ## checks the layout of C and Python, and the words of all texts
	$(Q)build/tools/bin/clang-format --dry-run -Werror $(C_SOURCES)
	$(Q)build/tools/bin/ruff check --quiet --config mk/ruff.toml $(PYTHON_SOURCES)
	$(Q)build/tools/bin/ruff format --check --quiet --config mk/ruff.toml $(PYTHON_SOURCES)
	$(Q)$(PYTHON) mk/texts.py

format: build/tools/stamp ## reformats C and Python
	$(Q)build/tools/bin/clang-format -i $(C_SOURCES)
	$(Q)build/tools/bin/ruff check --quiet --fix --exit-zero --config mk/ruff.toml $(PYTHON_SOURCES)
	$(Q)build/tools/bin/ruff format --quiet --config mk/ruff.toml $(PYTHON_SOURCES)
.PHONY: format format-check

conformance-asan: ## runs the suite on the reference VMM with sanitizers
	$(Q)$(MAKE) conformance HYPERVISOR=reference-asan ARCH=x86_64

# Guests are built by gcc; clang looks at them, too.
CLANG_GUESTS := $(filter-out $(foreach arch,$(filter-out x86_64,$(GUEST_ARCHES)),\
	%-$(arch).c %_$(arch).c),$(wildcard guests/*/*.c))
guests-clang:
	$(Q)echo $(CLANG_GUESTS) | xargs -P $(JOBS) -n 16 clang $(WARNINGS) -std=c11 -ffreestanding \
		-mgeneral-regs-only -Iinclude -Iguests/lib -Iguests/sdk -fsyntax-only
.PHONY: guests-clang

# `make install` is complete: a program finds header and VMM where it installs them.
INSTALLED := $(CURDIR)/build/check/installed
install-check:
	$(Q)rm -rf $(INSTALLED)
	$(Q)$(MAKE) install DESTDIR=$(INSTALLED) PREFIX=/usr
	$(Q)printf '#include <uhyve_interface/calls.h>\nint main(void) { return !uhyve_name_number("Exit"); }\n' \
		| gcc -std=c11 -I$(INSTALLED)/usr/include -x c -o build/check/program - \
		&& build/check/program
	$(Q)$(INSTALLED)/usr/bin/uhyve-ref --version
	$(Q)test -s $(INSTALLED)/usr/share/man/man1/uhyve-ref.1
	$(Q)test -s $(INSTALLED)/usr/share/pkgconfig/uhyve-interface.pc
	$(Q)test -s $(INSTALLED)/usr/share/uhyve/interface.json
	$(Q)test -s $(INSTALLED)/usr/share/uhyve/bindings/rust.toml
.PHONY: conformance-asan install-check

# A made-up call, in a copy: six files by hand, and everything else finds it.
new-call-check: build/venv/stamp ## adds a made-up call to a copy: six files (CONTRIBUTING.md)
	$(Q)$(if $(filter x86_64,$(KVM_HERE)),$(PYTHON) mk/new_call.py build/new-call $(JOBS),\
		echo '0 passed, 0 failed, 1 skipped: no KVM of x86-64 here')
.PHONY: new-call-check

# Builds what several steps use, so that no two of them build it side by side.
check-build: build/venv/stamp build/tools/stamp vmm mutants-build freedoms-build guests-x86_64 \
	$(if $(shell command -v $(CROSS_aarch64)gcc),guests-aarch64 $(BAD_GUESTS_aarch64) \
		build/static/aarch64/mutants/aarch64.o) build/interface.json \
	build/explore/x86_64/script.elf build/minimal/minimal
.PHONY: check-build

# A step that keeps one core busy says so (mk/check.py); two of them run side by side, the
# longest first.
CHECK_STEPS := \
	check-build \
	vmm-unit \
	guests-clang \
	bindings \
	new-call-check \
	page-check:1 \
	prove-sample:1 \
	docs-check:1 \
	sdk-check:1 \
	faults-sample:1 \
	models:1 \
	promises:1 \
	format-check:1 \
	counts:1 \
	counts-aarch64:1 \
	spec-check:1 \
	promises-check:1 \
	install-check:1 \
	harness-check \
	conformance \
	conformance-user \
	conformance-asan \
	mutants \
	freedoms \
	judge \
	conformance-aarch64-same:1 \
	judge-aarch64-sample:1 \
	lazy:1 \
	conformance-qemu-sample:1 \
	explore-gate:1

# The suite runs in any folder. Steps that install, or copy what names this folder, need a name
# that make and the shell do not take apart.
WHOLE_NAME := $(if $(word 2,$(CURDIR)),blanks-in-the-path)
.PHONY: blanks-in-the-path
blanks-in-the-path:
	$(Q)echo 'error: this needs a folder whose path has no blanks: $(CURDIR)' >&2; exit 3
check docs-check install-check new-call-check sdk-check: | $(WHOLE_NAME)

check: ## runs everything that proves this project
	$(Q)$(PYTHON) mk/check.py build/check $(JOBS) $(CHECK_STEPS)
.PHONY: check
