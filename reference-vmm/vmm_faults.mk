# Failing system calls of the host (faults/faults.py). Read after vmm.mk, whose
# variables it uses. Needs KVM and strace.

build/faults/guest.elf: reference-vmm/faults/guest.c $(GUEST_LIB_x86_64) guests/sdk/guest.ld
	$(Q)mkdir -p $(@D)
	$(call say,GUEST,$@)
	$(Q)gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_x86_64) $(GUEST_LDFLAGS) -o $@ $< $(GUEST_LIB_x86_64)
build/faults/planted.o: reference-vmm/faults/planted.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(VMM_CFLAGS) -MMD -MP -c -o $@ $<
-include $(wildcard build/faults/*.d)
FAULTS_PLANTED := build/faults/uhyve-ref
$(FAULTS_PLANTED): $(VMM_OBJECTS_build/vmm) build/faults/planted.o
	$(call say,LD,$@)
	$(Q)$(CC) -pthread -Wl,--wrap=files_write -Wl,--wrap=files_read -Wl,--wrap=files_lseek -o $@ $^ $(VMM_LIBS)

FAULTS := PYTHONPATH=conformance build/venv/bin/python reference-vmm/faults/faults.py --jobs $(JOBS)
ifeq ($(KVM_HERE),x86_64)
FAULTS_NEED := build/venv/stamp build/uhyve-ref build/faults/guest.elf
faults: $(FAULTS_NEED)
	$(Q)$(FAULTS) --hypervisor $(HYPERVISOR) $(OPTIONS)
faults-sample: $(FAULTS_NEED) $(FAULTS_PLANTED)
	$(Q)$(FAULTS) --most 48 --planted '$(CURDIR)/$(FAULTS_PLANTED)'
else
faults faults-sample:
	@echo 'faults: they are tried on x86_64 with a usable /dev/kvm, which is not here'
	@echo '0 passed, 0 failed, 1 skipped'
endif
faults: ## lets each system call of the host fail once: how does HYPERVISOR= cope?
faults-sample: ## tries 48 of these on the reference VMM, and three planted bugs
.PHONY: faults faults-sample
