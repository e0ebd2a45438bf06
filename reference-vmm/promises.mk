# The promises of SECURITY.md, tried on the whole program. Needs KVM. Read after vmm.mk, whose
# variables it uses.

PROMISE_GUESTS := $(patsubst reference-vmm/promises/guests/%.c,build/promises/%.elf,\
	$(wildcard reference-vmm/promises/guests/*.c))

build/promises/%.elf: reference-vmm/promises/guests/%.c $(GUEST_LIB_x86_64) guests/sdk/guest.ld
	$(Q)mkdir -p $(@D)
	$(call say,GUEST,$@)
	$(Q)gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_x86_64) $(GUEST_LDFLAGS) -o $@ $< $(GUEST_LIB_x86_64)

# A VMM that breaks the promise of resident memory (planted.c).
build/promises/planted.o: reference-vmm/promises/planted.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(VMM_CFLAGS) -MMD -MP -c -o $@ $<
-include $(wildcard build/promises/*.d)
PROMISES_PLANTED := build/promises/planted
$(PROMISES_PLANTED): $(VMM_OBJECTS_build/vmm) build/promises/planted.o
	$(call say,LD,$@)
	$(Q)$(CC) -pthread -Wl,--wrap=vm_create -o $@ $^ $(VMM_LIBS)

ifeq ($(KVM_HERE),x86_64)
promises: build/uhyve-ref $(PROMISES_PLANTED) $(PROMISE_GUESTS) build/venv/stamp
	$(Q)build/venv/bin/python -m pytest -q -n $(JOBS) -p no:cacheprovider reference-vmm/promises
else
promises:
	@echo 'promises: they are tried on x86_64 with a usable /dev/kvm, which is not here'
	@echo '0 passed, 0 failed, 1 skipped'
endif
promises: ## tests the promises of the reference VMM (reference-vmm/SECURITY.md)
.PHONY: promises

promises-check: ## checks that each promise of reference-vmm/SECURITY.md names its test
	$(Q)$(PYTHON) reference-vmm/promises/check.py reference-vmm/SECURITY.md
.PHONY: promises-check
