# The explorer: random sequences of calls against the executable specification.

DURATION ?= 60
SEED ?= 1
EXPLORE := build/venv/bin/python -m uhyve_conformance explore
EXPLORE_NEEDS = build/venv/stamp build/explore/$(ARCH)/script.elf $(HYPERVISOR_$(HYPERVISOR)_$(ARCH))

explore: $(EXPLORE_NEEDS) ## random sequences on HYPERVISOR; DURATION=60 SEED=1
	$(Q)$(EXPLORE) --hypervisor $(HYPERVISOR) --arch $(ARCH) --seconds $(DURATION) --seed $(SEED) $(OPTIONS)

# The same sequences each time; the reference VMM must differ in none.
explore-gate: build/venv/stamp build/explore/x86_64/script.elf build/uhyve-ref
	$(Q)$(EXPLORE) --hypervisor reference --seconds 30 --seed 20 --output build/explore/gate
.PHONY: explore explore-gate
