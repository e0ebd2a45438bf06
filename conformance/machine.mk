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
$(foreach arch,x86_64 aarch64,$(eval $(call machine_rules,$(arch))))

machine-all: machine-x86_64 machine-aarch64
machine: machine-$(ARCH) ## kernel and first process of the QEMU machine, in build/machines
.PHONY: machine machine-all
