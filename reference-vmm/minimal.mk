# The hypervisor of one file, where docs/first-hypervisor.md starts.

build/minimal/minimal: reference-vmm/minimal/minimal.c $(wildcard include/uhyve_interface/*)
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(WARNINGS) -std=c11 -D_GNU_SOURCE -O2 -g -Iinclude -o $@ $< -lfdt
minimal: build/minimal/minimal ## builds a hypervisor of one file: Exit and the serial calls
.PHONY: minimal
