# Figures (reference-vmm/README.md): times against a bare KVM program, and counts.
# Read after vmm.mk, whose variables it uses.

BENCH_GUESTS := $(patsubst reference-vmm/bench/%.c,build/bench/%.elf,\
	$(wildcard reference-vmm/bench/guest*.c))

build/bench/%.elf: reference-vmm/bench/%.c $(GUEST_LIB_x86_64) guests/sdk/guest.ld
	$(Q)mkdir -p $(@D)
	$(call say,GUEST,$@)
	$(Q)gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_x86_64) $(GUEST_LDFLAGS) -o $@ $< $(GUEST_LIB_x86_64)
build/bench/%: reference-vmm/bench/%.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(WARNINGS) -std=c11 -D_GNU_SOURCE -O2 -pthread -Iinclude -o $@ $<

# HYPERVISOR adds one to the two that come with the project.
BENCH_RUN = PYTHONPATH=conformance build/venv/bin/python
BENCH_NEEDS := build/venv/stamp build/uhyve-ref build/bench/floor build/bench/interleave $(BENCH_GUESTS)
BENCH_OPTIONS = $(if $(filter-out reference,$(HYPERVISOR)),--hypervisor $(HYPERVISOR) --hypervisor reference) $(OPTIONS)
# An emulated machine only counts: ARCH=aarch64, or MACHINE=qemu.
# $(1): architecture
define bench_emulated
build/bench/$(1)/guest_counts.elf: reference-vmm/bench/guest_counts.c $$(GUEST_LIB_$(1)) guests/sdk/guest.ld
	$$(Q)mkdir -p $$(@D)
	$$(call say,GUEST,$$@)
	$$(Q)$$(CROSS_$(1))gcc $$(GUEST_CFLAGS) $$(GUEST_CFLAGS_$(1)) $$(GUEST_LDFLAGS) -o $$@ $$< $$(GUEST_LIB_$(1))
build/bench/$(1)/tracer: reference-vmm/bench/tracer.c
	$$(Q)mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$$(CROSS_$(1))gcc $$(WARNINGS) -std=c11 -D_GNU_SOURCE -O2 -static $$(VMM_STATIC_CFLAGS_$(1)) \
		-o $$@ $$< $$(VMM_STATIC_LIBS_$(1))
bench-emulated-$(1) counts-$(1): build/venv/stamp build/machines/$(1)/init \
		build/static/$(1)/uhyve-ref build/bench/$(1)/tracer build/bench/$(1)/guest_counts.elf
bench-emulated-$(1):
	$$(Q)$$(BENCH_RUN) reference-vmm/bench/emulated.py --arch $(1) $$(BENCH_OPTIONS)
counts-$(1):
	$$(Q)$$(BENCH_RUN) reference-vmm/bench/emulated.py --arch $(1) --gate
.PHONY: bench-emulated-$(1) counts-$(1)
endef
$(foreach arch,$(ARCHES),$(eval $(call bench_emulated,$(arch))))
build/bench/aarch64/tracer: | $(VMM_SYSROOT)/complete

ifneq ($(filter aarch64,$(ARCH))$(filter qemu,$(MACHINE)),)
bench: bench-emulated-$(ARCH)
else
bench: $(BENCH_NEEDS) ## measures calls and starts against a bare KVM program
	$(Q)$(BENCH_RUN) reference-vmm/bench/bench.py $(BENCH_OPTIONS)
endif
growth: $(BENCH_NEEDS) ## measures how the cost of starts and calls grows with their work
	$(Q)$(BENCH_RUN) reference-vmm/bench/growth.py $(BENCH_OPTIONS)
.PHONY: bench growth

# ---- Counts: system calls and instructions of each call ------------------------

build/bench/%.o: reference-vmm/bench/%.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(VMM_CFLAGS) -Ireference-vmm/tests -MMD -MP -c -o $@ $<
-include $(wildcard build/bench/*.d)

COUNTED := $(VMM_OBJECTS_build/vmm)
COUNTED_FAKE := $(filter-out %/main.o,$(COUNTED)) build/unit/fake.o build/bench/instructions.o
build/bench/instructions: $(COUNTED_FAKE)
	$(call say,LD,$@)
	$(Q)$(CC) -pthread -Wl,--wrap=syscall -o $@ $^ $(VMM_LIBS) -lcmocka

# The same two programs with the slowdowns of planted.c.
PLANTED := -Wl,--wrap=files_read -Wl,--wrap=files_open
build/bench/planted/instructions: $(COUNTED_FAKE) build/bench/planted.o
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -pthread -Wl,--wrap=syscall $(PLANTED) -o $@ $^ $(VMM_LIBS) -lcmocka
build/bench/planted/uhyve-ref: $(COUNTED) build/bench/planted.o
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -pthread $(PLANTED) -o $@ $^ $(VMM_LIBS)

COUNTS := $(PYTHON) reference-vmm/bench/counts.py
COUNTS_NEED := build/uhyve-ref build/bench/instructions build/bench/guest_counts.elf
counts: $(COUNTS_NEED) build/bench/planted/uhyve-ref build/bench/planted/instructions ## compares system calls and instructions of each call with the record
	$(Q)$(COUNTS) check
counts-record: $(COUNTS_NEED) ## records them in reference-vmm/bench/counts.json
	$(Q)$(COUNTS) record
.PHONY: counts counts-record
