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
