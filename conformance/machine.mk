# Machines under QEMU: their first process, their kernels, and what a VMM for
# another architecture links against. See uhyve_conformance/machine/README.md.

MACHINE_DIR := conformance/uhyve_conformance/machine
MACHINE_TOOL := build/venv/bin/python -m uhyve_conformance.machine

# $(1): architecture
define machine_rules
build/machines/$(1)/init: $(MACHINE_DIR)/init.c
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CROSS_$(1))gcc $(WARNINGS) -std=c11 -O2 -static -o $$@ $$<

build/machines/$(1)/kernel/kernel.json: | build/venv/stamp
	$$(Q)$(MACHINE_TOOL) kernel $(1)

build/machines/$(1)/sysroot/complete: | build/venv/stamp
	$$(Q)$(MACHINE_TOOL) sysroot $(1)

machine-$(1): build/machines/$(1)/init build/machines/$(1)/kernel/kernel.json
.PHONY: machine-$(1)
endef
$(foreach arch,$(ARCHES),$(eval $(call machine_rules,$(arch))))

# What a suite needs besides, when this machine's KVM is not what it will use: then
# also a VMM that starts quickly there, for it would have to bring its libraries.
KVM_HERE := $(shell PYTHON='$(PYTHON)' mk/kvm-here.sh)
MACHINE_FILES_x86_64 = $(if $(filter x86_64$(MACHINE),$(KVM_HERE)auto $(KVM_HERE)kvm),,\
	build/machines/x86_64/init $(if $(filter reference,$(HYPERVISOR)),build/static/x86_64/uhyve-ref))
MACHINE_FILES_aarch64 = $(if $(filter aarch64$(MACHINE),$(KVM_HERE)auto $(KVM_HERE)kvm),,\
	build/machines/aarch64/init)

conformance-x86_64: $(MACHINE_FILES_x86_64)
conformance-aarch64: $(MACHINE_FILES_aarch64)

mutants: $(if $(MACHINE_FILES_$(ARCH)),build/machines/$(ARCH)/init build/static/$(ARCH)/uhyve-ref-mutants)

machine-all: machine-x86_64 machine-aarch64
machine: machine-$(ARCH) ## builds kernel and first process of the QEMU machine, in build/machines
.PHONY: machine machine-all

# ---- The suite without this machine's KVM, and that it says the same -----------

# On a machine with KVM all three results must agree; elsewhere the two of QEMU.
KVM_RESULTS := build/conformance/reference-x86_64/results.json
QEMU_RESULTS := build/conformance/reference-x86_64-qemu/results.json
AARCH64_RESULTS := build/conformance/reference-aarch64/results.json

conformance-qemu-x86_64: build/venv/stamp guests-x86_64 machine-x86_64 build/uhyve-ref \
		build/static/x86_64/uhyve-ref
	$(Q)$(CONFORMANCE) run --machine qemu --output build/conformance/reference-x86_64-qemu

conformance-qemu-aarch64: build/venv/stamp guests-aarch64 machine-aarch64 \
		build/static/aarch64/uhyve-ref
	$(Q)$(CONFORMANCE) run --arch aarch64 --machine qemu

conformance-qemu: ## runs the suite under QEMU, both architectures, and compares with KVM
	$(Q)$(MAKE) -j2 --output-sync=target conformance-qemu-x86_64 conformance-qemu-aarch64
	$(Q)$(CONFORMANCE) compare --same $(QEMU_RESULTS) $(AARCH64_RESULTS)
	$(Q)$(if $(KVM_HERE),$(MAKE) conformance-same)

# KVM's results are there already if `make conformance` ran before.
conformance-same:
	$(Q)[ -e $(KVM_RESULTS) ] && [ -z "$$(find build/guests/x86_64 build/uhyve-ref spec -type f \
		\( -name '*.elf' -o -name uhyve-ref -o -name '*.md' \) -newer $(KVM_RESULTS))" ] || \
		$(CONFORMANCE) run --machine kvm --jobs $(JOBS)
	$(Q)$(CONFORMANCE) compare --same $(KVM_RESULTS) $(QEMU_RESULTS)

# For `make check`: aarch64 whole, and of x86-64, which KVM judged before, a part.
conformance-aarch64-same: conformance-qemu-aarch64
	$(Q)$(if $(KVM_HERE),$(CONFORMANCE) compare --same $(KVM_RESULTS) $(AARCH64_RESULTS))
conformance-qemu-sample: build/venv/stamp guests-x86_64 machine-x86_64 build/uhyve-ref \
		build/static/x86_64/uhyve-ref
	$(Q)$(CONFORMANCE) run --machine qemu --shard 1/6 --output build/conformance/sample-x86_64-qemu
.PHONY: conformance-qemu conformance-same conformance-qemu-x86_64 conformance-qemu-aarch64 \
	conformance-aarch64-same conformance-qemu-sample

# The harness's own tests start a machine of this architecture where QEMU is there.
MACHINE_HERE := $(shell uname -m)
harness-check: $(if $(shell command -v qemu-system-$(MACHINE_HERE)),machine-$(MACHINE_HERE))
