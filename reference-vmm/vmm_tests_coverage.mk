# Branches of src/ that unit tests, suite and the judge's bad guests take together
# (coverage/coverage.py).
# Read after vmm_tests.mk, whose variables it uses.

# Of all threads, hence atomic; without optimization a branch is one of the source.
COVERAGE_FLAGS := --coverage -O0 -fprofile-update=atomic
$(eval $(call vmm_objects,build/coverage/vmm,$(VMM_ARCH),$(CC),$(COVERAGE_FLAGS)))
$(eval $(call unit_variant,build/coverage,$(CC),$(COVERAGE_FLAGS),build/coverage/vmm))

build/coverage/seams.o: reference-vmm/coverage/seams.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(VMM_CFLAGS) -MMD -MP -c -o $@ $<
-include $(wildcard build/coverage/*.d)
build/coverage/uhyve-ref: $(VMM_OBJECTS_build/coverage/vmm) build/coverage/seams.o
	$(call say,LD,$@)
	$(Q)$(CC) -pthread --coverage -Wl,--wrap=sandbox_enter -Wl,--wrap=_exit \
		-Wl,--wrap=raise -o $@ $^ $(VMM_LIBS)

COVERAGE_LIST := reference-vmm/coverage/untaken.txt
COVERAGE := $(PYTHON) reference-vmm/coverage/coverage.py build/coverage/vmm
ifeq ($(KVM_HERE),x86_64)
coverage: build/coverage/unit-tests build/coverage/uhyve-ref build/uhyve-ref-freedoms \
		$(BAD_GUESTS) build/venv/stamp
	$(Q)find build/coverage/vmm -name '*.gcda' -delete
	$(Q)timeout 300 build/coverage/unit-tests </dev/null >build/coverage/unit.log 2>&1 \
		|| { tail -20 build/coverage/unit.log; exit 1; }
	$(Q)$(MAKE) conformance HYPERVISOR=reference-vmm/coverage/reference-coverage.toml \
		ARCH=x86_64 OPTIONS= >build/coverage/suite.log 2>&1 || { tail -20 build/coverage/suite.log; exit 1; }
	$(Q)$(CONFORMANCE) judge-check --jobs $(JOBS) --vmm build/coverage/uhyve-ref \
		>build/coverage/judge.log 2>&1 || { tail -20 build/coverage/judge.log; exit 1; }
	$(Q)$(COVERAGE) $(COVERAGE_LIST) $(OPTIONS)
else
coverage:
	@echo 'coverage: the suite counts on x86_64 with a usable /dev/kvm, which is not here'
	@echo '0 passed, 0 failed, 1 skipped'
endif
coverage: ## branches that unit tests, suite and bad guests take together; the others have reasons
.PHONY: coverage
