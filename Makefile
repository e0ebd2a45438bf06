# The one door. Every product goes under build/; each room has .mk files of its own,
# which this file only collects. `make help` lists what there is.

ARCH ?= x86_64
HYPERVISOR ?= reference
MACHINE ?= auto
PYTHON ?= python3
PREFIX ?= /usr/local
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
# Those that a hypervisor is judged on, and those that guests are built for.
ARCHES := x86_64 aarch64
GUEST_ARCHES := $(ARCHES) riscv64
CROSS_x86_64 :=
CROSS_aarch64 := aarch64-linux-gnu-
CROSS_riscv64 := riscv64-linux-gnu-

# No binary holds the name of the folder that it was built in.
REPRODUCIBLE := '-ffile-prefix-map=$(CURDIR)=.'
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wvla -Werror

# V=1 shows the commands instead of one line for each product.
ifeq ($(V),1)
Q :=
say =
else
Q := @
say = @printf '  %-8s %s\n' '$(1)' '$(2)'
endif

# A product appears whole or not at all, though make is interrupted, or another one runs beside
# it: $(NEW) command -o $$new ...; $(PUT). With $(TO_NEW) the compiler writes what it read, too.
NEW = set -e; new=$@.$$$$; trap 'rm -f "$$new" "$$new.d"' EXIT;
TO_NEW = -MMD -MP -MF $$new.d -MT $@ -o $$new
PUT = if [ -e "$$new.d" ]; then mv "$$new.d" $(basename $@).d; fi; mv "$$new" $@

# A file is built again when its flags differ from last time: $(call flags_file,NAME,FLAGS)
# makes build/flags/NAME, which is as old as these flags.
quoted = '$(subst ','\'',$(1))'
define flags_file
build/flags/$(1): FORCE
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(NEW) printf '%s\n' $$(call quoted,$$(subst $$(CURDIR),.,$(2))) >$$$$new; \
		cmp -s $$$$new $$@ || mv $$$$new $$@
endef
FORCE:
.PHONY: FORCE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# In this order: a room uses names of those before it.
ROOMS := \
	$(addprefix conformance/,bindings.mk conformance.mk explore.mk machine.mk) \
	$(addprefix guests/,guests.mk judge.mk script.mk sdk.mk) \
	$(addprefix mk/,check.mk docs.mk install.mk release.mk setup.mk) \
	$(addprefix reference-vmm/,minimal.mk prove.mk vmm.mk promises.mk vmm_bench.mk \
		vmm_faults.mk vmm_tests.mk vmm_tests_coverage.mk)
$(if $(filter-out $(ROOMS),$(wildcard */*.mk)),\
	$(error not in the list of rooms: $(filter-out $(ROOMS),$(wildcard */*.mk))))
# These two start nothing and ask the machine nothing.
ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),help)),)
include $(ROOMS)
endif

help: ## prints this list
	@sed -n 's/^\([a-z][a-z.-]*\):.*## \(.*\)/  make \1|\2/p' Makefile $(ROOMS) | sort | \
		awk -F'|' '{ printf "%-26s %s\n", $$1, $$2 }'
	@echo 'Settings: HYPERVISOR=reference|uhyve|PATH.toml ARCH=x86_64|aarch64|all'
	@echo '          MACHINE=auto|kvm|qemu PREFIX=/usr/local DESTDIR= CC=gcc V=1'

clean: ## removes build/
	rm -rf build

.PHONY: help clean
