# Everything that tests the reference VMM from inside. Read after vmm.mk, whose
# variables it uses.

# ---- Mutants: the VMM's objects with another main() and seams in between -----

MUTANT_SEAMS := main call_table_init call_write call_read gmem_at gmem_load \
	gmem_string path_clean path_below console_write console_read names_open \
	descriptors_add
MUTANT_OBJECTS := $(patsubst reference-vmm/mutants/%.c,build/mutants/%.o,\
	$(wildcard reference-vmm/mutants/*.c))

build/mutants/%.o: reference-vmm/mutants/%.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(VMM_CFLAGS) -Wno-missing-field-initializers -MMD -MP -c -o $@ $<
-include $(wildcard build/mutants/*.d)

build/uhyve-ref-mutants: $(VMM_OBJECTS_build/vmm) $(MUTANT_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CC) -pthread $(MUTANT_SEAMS:%=-Wl,--wrap=%) -o $@ $^ $(VMM_LIBS)

mutants-build: build/uhyve-ref-mutants
.PHONY: mutants-build

# ---- Unit tests: gcc, clang, and both sanitizers ------------------------------

$(eval $(call vmm_objects,build/clang/vmm,$(VMM_ARCH),clang,))

# $(1): folder, $(2): compiler, $(3): more flags, $(4): folder of the VMM's objects
define unit_variant
$(1)/unit/%.o: reference-vmm/tests/%.c
	$$(Q)mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$(2) $$(VMM_CFLAGS) $(3) -MMD -MP -c -o $$@ $$<
-include $$(wildcard $(1)/unit/*.d)
$(1)/unit-tests: $$(filter-out %/main.o,$$(VMM_OBJECTS_$(4))) \
		$$(patsubst reference-vmm/tests/%.c,$(1)/unit/%.o,\
			$$(wildcard reference-vmm/tests/*.c))
	$$(call say,LD,$$@)
	$$(Q)$(2) -pthread $(3) -o $$@ $$^ $$(VMM_LIBS) -lcmocka
endef

$(eval $(call unit_variant,build,$(CC),,build/vmm))
$(eval $(call unit_variant,build/clang,clang,,build/clang/vmm))
$(eval $(call unit_variant,build/asan,$(CC),$(VMM_SANITIZERS),build/asan/vmm))

UNIT_TESTS := build/unit-tests build/clang/unit-tests build/asan/unit-tests
vmm-unit: $(UNIT_TESTS) header-tests ## unit tests of the VMM and of the headers
	$(Q)for test in $(UNIT_TESTS); do echo "# $$test"; timeout 120 $$test </dev/null || exit 1; done

.PHONY: vmm-unit header-tests

header-tests:
	$(Q)sh reference-vmm/tests/headers/check.sh include
