# Set-up comes by itself: what a goal needs on this machine is checked, and
# installed where possible, before anything is built. It is an included file that
# make brings up to date first, so no rule has to ask for it.

# Where this machine's KVM (KVM_HERE) does not run guests of ARCH, QEMU does.
SETUP_ARCHES := $(if $(filter all,$(ARCH)),$(ARCHES),$(ARCH))
SETUP_SUITE := build $(filter-out x86_64,$(SETUP_ARCHES)) \
	$(foreach arch,$(SETUP_ARCHES),$(if $(filter-out qemu,$(MACHINE)),\
	$(if $(filter $(arch),$(KVM_HERE)),,qemu-$(arch)),qemu-$(arch)))
SETUP_ALL := build check browser aarch64 riscv64 qemu-x86_64 qemu-aarch64 prove

# The groups of mk/packages.txt that a goal needs; build where it is not listed.
SETUP_FOR_help :=
SETUP_FOR_clean :=
SETUP_FOR_setup := $(SETUP_ALL)
SETUP_FOR_check := $(SETUP_ALL)
SETUP_FOR_conformance := $(SETUP_SUITE)
SETUP_FOR_explore := $(SETUP_SUITE)
SETUP_FOR_mutants := $(SETUP_SUITE)
SETUP_FOR_guests := build $(filter-out x86_64,$(SETUP_ARCHES))
SETUP_FOR_architecture-check := build riscv64
SETUP_FOR_guests-aarch64 := build aarch64
SETUP_FOR_guests-riscv64 := build riscv64
SETUP_FOR_conformance-aarch64 := build aarch64 qemu-aarch64
SETUP_FOR_conformance-qemu := build aarch64 qemu-x86_64 qemu-aarch64
SETUP_FOR_dist := build aarch64
SETUP_FOR_dist-check := build aarch64
SETUP_FOR_wheel-check := build aarch64
SETUP_FOR_bare-check := build aarch64 bare
SETUP_FOR_archive-check := build aarch64
SETUP_FOR_ci-check := build aarch64 ci
SETUP_FOR_vmm-unit := build check aarch64
SETUP_FOR_fuzz := build check
SETUP_FOR_bench := $(if $(filter qemu,$(MACHINE))$(filter aarch64,$(ARCH)),$(SETUP_SUITE),build)
SETUP_FOR_counts-aarch64 := build aarch64 qemu-aarch64
SETUP_FOR_page-check := build browser
SETUP_FOR_counts := build check
SETUP_FOR_counts-record := build check
SETUP_FOR_harness-check := build check
SETUP_FOR_format-check := check
SETUP_FOR_prove := build prove

SETUP_GOALS := $(or $(MAKECMDGOALS),help)
SETUP_GROUPS := $(sort $(foreach goal,$(SETUP_GOALS),$(if \
	$(filter undefined,$(origin SETUP_FOR_$(goal))),build,$(SETUP_FOR_$(goal)))))
empty :=
space := $(empty) $(empty)
SETUP_STAMP := build/setup/$(subst $(space),+,$(strip $(SETUP_GROUPS))).mk

ifneq ($(strip $(SETUP_GROUPS)),)
include $(SETUP_STAMP)
$(SETUP_STAMP): mk/packages.txt mk/setup.sh
	@PYTHON='$(PYTHON)' mk/setup.sh $(SETUP_GROUPS)
	@mkdir -p $(@D) && touch $@
endif

setup: ## installs what this machine needs, or prints the commands to run
	@echo 'setup: this machine has what it needs'
.PHONY: setup
