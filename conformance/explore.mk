# The explorer: random sequences of calls against the executable specification.

DURATION ?= 60
SEED ?= 1
EXPLORE := build/venv/bin/python -m uhyve_conformance explore
EXPLORE_NEEDS = build/venv/stamp build/explore/$(ARCH)/script.elf $(HYPERVISOR_$(HYPERVISOR_SELECTED)_$(ARCH))

explore: $(EXPLORE_NEEDS) ## runs random sequences on HYPERVISOR; DURATION=60 SEED=1
	$(Q)$(EXPLORE) --hypervisor $(HYPERVISOR_SELECTED) --arch $(ARCH) --seconds $(DURATION) --seed $(SEED) $(OPTIONS)

# The same sequences each time; the reference VMM must differ in none.
explore-gate: build/venv/stamp build/explore/x86_64/script.elf build/uhyve-ref
	$(Q)$(EXPLORE) --hypervisor reference --seconds 30 --seed 20 --output build/explore/gate

# Under the sanitizers. Leaks are not looked for: that needs ptrace, which the sandbox refuses.
build/explore/uhyve-ref-asan: build/asan/uhyve-ref
	$(Q)printf '#!/bin/sh\nexport ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1\nexec "$$(dirname "$$0")/../asan/uhyve-ref" "$$@"\n' > $@
	$(Q)chmod +x $@

explore-asan: build/venv/stamp build/explore/x86_64/script.elf build/explore/uhyve-ref-asan ## runs them on the reference VMM under sanitizers
	$(Q)$(EXPLORE) --hypervisor reference --program build/explore/uhyve-ref-asan --seconds $(DURATION) \
		--seed $(SEED) --output build/explore/asan $(OPTIONS)
.PHONY: explore explore-gate explore-asan explore-mutants

# Calls of two to four vCPUs at a time, on the reference VMM, and on variants of it with a race.
explore-races: build/venv/stamp build/explore/x86_64/script.elf build/uhyve-ref build/uhyve-ref-mutants ## calls of several vCPUs, and planted races
	$(Q)$(EXPLORE) --hypervisor reference --vcpus 4 --seconds $(DURATION) --seed $(SEED) --output build/explore/races
	$(Q)build/venv/bin/python -m uhyve_conformance.explore.races

# How much of the model random sequences come to.
explore-coverage: build/venv/stamp build/explore/x86_64/script.elf build/uhyve-ref ## at least 95 % of the model is seen
	$(Q)$(EXPLORE) --hypervisor reference --seconds 120 --seed $(SEED) --reached 95 --output build/explore/coverage
.PHONY: explore-races explore-coverage

# Each mutation of the model must be noticed on the reference VMM.
explore-mutants: build/venv/stamp build/explore/x86_64/script.elf build/uhyve-ref ## changes the explorer's model; the explorer has to notice
	$(Q)build/venv/bin/python -m uhyve_conformance.explore.mutants
