# Everything that tests the reference VMM from inside. Read after vmm.mk, whose
# variables it uses.

# ---- Variants: the VMM's objects with another main() and seams in between -----

# Mutants break a requirement, freedoms take what a requirement leaves open.
VARIANTS := mutants freedoms
SEAMS := main call_table_init call_write call_read gmem_at gmem_load \
	gmem_string path_clean path_below console_write console_read \
	console_release names_open names_unlink names_mkdir names_stat files_read \
	files_write files_lseek files_getdents files_fstat descriptors_reserve \
	descriptors_add descriptors_close descriptors_get sandbox_enter vm_create \
	arch_exit arch_vcpu_entry arch_boot_memory image_parse image_relocate \
	boot_place boot_write devicetree_build pthread_create fault_report_exit
variant_objects = $(patsubst reference-vmm/%.c,$(1)/%.o,\
	$(wildcard reference-vmm/seams/*.c reference-vmm/$(2)/*.c))

# $(1): folder of objects, $(2): folder of the VMM's objects, $(3): compiler,
# $(4): more flags, $(5): libraries, $(6): how to link
define variants
$(foreach room,seams $(VARIANTS),
$(1)/$(room)/%.o: reference-vmm/$(room)/%.c
	$$(Q)mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$(3) $$(VMM_CFLAGS) $(4) -Wno-missing-field-initializers -Wno-unused-parameter -MMD -MP -c -o $$@ $$<
-include $$(wildcard $(1)/$(room)/*.d))
$(foreach room,$(VARIANTS),
$(1)/uhyve-ref-$(room): $$(VMM_OBJECTS_$(2)) $$(call variant_objects,$(1),$(room))
	$$(call say,LD,$$@)
	$$(Q)$(3) $(6) -pthread $$(SEAMS:%=-Wl,--wrap=%) -o $$@ $$^ $(5))
endef

$(eval $(call variants,build,build/vmm,$(CC),,$$(VMM_LIBS),))
# For emulated machines, as vmm_static in vmm.mk.
# Without a break: a space in an argument would be one in a variable's name.
variants_static = $(eval $(call variants,build/static/$(1),build/static/$(1)/vmm,$$(CROSS_$(1))gcc,$$(VMM_STATIC_CFLAGS_$(1)),$$(VMM_STATIC_LIBS_$(1)),-static))
$(foreach arch,$(ARCHES),$(call variants_static,$(arch)))
$(foreach room,seams $(VARIANTS),\
	$(call variant_objects,build/static/aarch64,$(room))): | $(VMM_SYSROOT)/complete

mutants-build: build/uhyve-ref-mutants
freedoms-build: build/uhyve-ref-freedoms
.PHONY: mutants-build freedoms-build

# ---- Unit tests: gcc, clang, and both sanitizers ------------------------------

$(eval $(call vmm_objects,build/clang/vmm,$(VMM_ARCH),clang,))

FUZZ_TARGETS := calls image devicetree bootargs crash change
# Between two reads of an image it changes (fuzz/change.c).
FUZZ_WRAP := -Wl,--wrap=pread
# Linked into the unit tests, which replay their corpus.
UNIT_FUZZ := guarded load $(FUZZ_TARGETS)

# $(1): folder, $(2): compiler, $(3): more flags, $(4): folder of the VMM's objects
define unit_variant
$(1)/unit/%.o: reference-vmm/tests/%.c
	$$(Q)mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$(2) $$(VMM_CFLAGS) -Ireference-vmm/fuzz $(3) -MMD -MP -c -o $$@ $$<
$(1)/unit/fuzz/%.o: reference-vmm/fuzz/%.c
	$$(Q)mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$(2) $$(VMM_CFLAGS) $(3) -MMD -MP -c -o $$@ $$<
-include $$(wildcard $(1)/unit/*.d $(1)/unit/fuzz/*.d)
$(1)/unit-tests: $$(filter-out %/main.o,$$(VMM_OBJECTS_$(4))) \
		$$(patsubst reference-vmm/tests/%.c,$(1)/unit/%.o,\
			$$(wildcard reference-vmm/tests/*.c)) \
		$(UNIT_FUZZ:%=$(1)/unit/fuzz/%.o)
	$$(call say,LD,$$@)
	$$(Q)$(2) -pthread $(3) $(FUZZ_WRAP) -o $$@ $$^ $$(VMM_LIBS) -lcmocka
endef

$(eval $(call unit_variant,build,$(CC),,build/vmm))
$(eval $(call unit_variant,build/clang,clang,,build/clang/vmm))
$(eval $(call unit_variant,build/asan,$(CC),$(VMM_SANITIZERS),build/asan/vmm))

UNIT_TESTS := build/unit-tests build/clang/unit-tests build/asan/unit-tests
vmm-unit: $(UNIT_TESTS) header-tests ## runs the unit tests of the VMM and of the headers
	$(Q)for test in $(UNIT_TESTS); do echo "# $$test"; timeout 120 $$test </dev/null || exit 1; done

.PHONY: vmm-unit header-tests

header-tests:
	$(Q)sh reference-vmm/tests/headers/check.sh include

# ---- Fuzzers: libFuzzer with both sanitizers ----------------------------------

FUZZ_SECONDS ?= 60
# Calls make files: ten times as fast in memory.
FUZZ_TMPDIR := $(firstword $(wildcard /dev/shm) /tmp)
FUZZ_FLAGS := $(VMM_SANITIZERS) -fsanitize=fuzzer-no-link
$(eval $(call vmm_objects,build/fuzz/vmm,$(VMM_ARCH),clang,$(FUZZ_FLAGS)))
FUZZ_OBJECTS := $(filter-out %/main.o,$(VMM_OBJECTS_build/fuzz/vmm)) \
	$(UNIT_FUZZ:%=build/fuzz/%.o)

build/fuzz/%.o: reference-vmm/fuzz/%.c reference-vmm/fuzz/fuzz.h
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)clang $(VMM_CFLAGS) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
-include $(wildcard build/fuzz/*.d)

build/fuzz/fuzz-%: reference-vmm/fuzz/entry.c $(FUZZ_OBJECTS)
	$(call say,LD,$@)
	$(Q)clang $(VMM_CFLAGS) $(VMM_SANITIZERS) -fsanitize=fuzzer -DFUZZ=fuzz_$* \
		-pthread $(FUZZ_WRAP) -o $@ $^ $(VMM_LIBS)

# New inputs go to build/; the committed ones are where it starts.
fuzz: $(FUZZ_TARGETS:%=build/fuzz/fuzz-%) ## fuzzes calls, images, device trees and reports, a minute each
	$(Q)set -e; for target in $(FUZZ_TARGETS); do \
		mkdir -p build/fuzz/corpus/$$target; \
		echo "# $$target, $(FUZZ_SECONDS) s"; \
		TMPDIR=$(FUZZ_TMPDIR) build/fuzz/fuzz-$$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
			-print_final_stats=1 -verbosity=0 -artifact_prefix=build/fuzz/ \
			build/fuzz/corpus/$$target reference-vmm/fuzz/corpus/$$target; \
	done
.PHONY: fuzz

# As OSS-Fuzz builds and tries them: its variables, another folder, each target runs.
OSS_FUZZ := $(CURDIR)/build/oss-fuzz
fuzz-oss: ## fuzz targets as OSS-Fuzz builds them, each run for a moment
	$(Q)rm -rf $(OSS_FUZZ)
	$(Q)mkdir -p $(OSS_FUZZ)
	$(Q)CC=clang CXX=clang CFLAGS='-O1 -g -fsanitize=address,fuzzer-no-link' \
		CXXFLAGS='-O1 -g -fsanitize=address,fuzzer-no-link' \
		LIB_FUZZING_ENGINE=-fsanitize=fuzzer OUT=$(OSS_FUZZ) \
		reference-vmm/fuzz/oss-fuzz/build.sh
	$(Q)set -e; for target in $(FUZZ_TARGETS); do \
		mkdir $(OSS_FUZZ)/$$target; \
		$(PYTHON) -m zipfile -e $(OSS_FUZZ)/fuzz-$${target}_seed_corpus.zip $(OSS_FUZZ)/$$target; \
		TMPDIR=$(FUZZ_TMPDIR) $(OSS_FUZZ)/fuzz-$$target -runs=1000 -rss_limit_mb=1024 -timeout=20 \
			-verbosity=0 $(OSS_FUZZ)/$$target; \
	done
	$(Q)echo '$(words $(FUZZ_TARGETS)) passed, 0 failed'
.PHONY: fuzz-oss
.SECONDARY: $(FUZZ_OBJECTS)

# ---- The hostile guest on the build with sanitizers ----------------------------

SEEDS ?= 20
CALLS ?= 100000
CPUS ?= 2
soak: build/asan/uhyve-ref build/guests/x86_64/hostile.elf ## runs the hostile guest with sanitizers, SEEDS= CALLS= FIRST_SEED= CPUS=
	$(Q)$(PYTHON) reference-vmm/soak/soak.py $^ --seeds $(SEEDS) --calls $(CALLS) \
		--first $(or $(FIRST_SEED),1) --vcpus $(CPUS) --jobs $(JOBS)
.PHONY: soak

# ---- The hostile guest on the build with ThreadSanitizer -------------------------

TSAN_FLAGS := -fsanitize=thread
$(eval $(call vmm_objects,build/tsan/vmm,$(VMM_ARCH),clang,$(TSAN_FLAGS)))
build/tsan/seams.o: reference-vmm/tsan/seams.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)clang $(VMM_CFLAGS) $(TSAN_FLAGS) -MMD -MP -c -o $@ $<
-include $(wildcard build/tsan/*.d)
build/tsan/uhyve-ref: $(VMM_OBJECTS_build/tsan/vmm) build/tsan/seams.o
	$(call say,LD,$@)
	$(Q)$(NEW) clang -pthread $(TSAN_FLAGS) -Wl,--wrap=sandbox_enter -Wl,--wrap=vm_create \
		-Wl,--wrap=descriptors_get -o $$new $^ $(VMM_LIBS); $(PUT)

# First with a planted race, which has to be found.
TSAN_SOAK := TSAN_OPTIONS=log_path=$(CURDIR)/build/tsan/report $(PYTHON) reference-vmm/soak/soak.py \
	build/tsan/uhyve-ref build/guests/x86_64/hostile.elf --vcpus $(CPUS) --jobs $(JOBS)
soak-tsan: build/tsan/uhyve-ref build/guests/x86_64/hostile.elf ## runs the hostile guest with ThreadSanitizer, SEEDS= CALLS= FIRST_SEED= CPUS=
	$(Q)rm -f build/tsan/report.*
	$(Q)if TSAN_PLANTED=1 $(TSAN_SOAK) --seeds 1 --calls 2000 >build/tsan/planted.log; then \
		echo 'soak-tsan: the planted race was not found' >&2; exit 1; fi
	$(Q)grep -q 'data-race in the VMM' build/tsan/planted.log || { cat build/tsan/planted.log; exit 1; }
	$(Q)$(TSAN_SOAK) --seeds $(SEEDS) --calls $(CALLS) --first $(or $(FIRST_SEED),1)
.PHONY: soak-tsan

# Of interface 1, 2 and 3: RAM lies elsewhere each time.
STARTS ?= 200
STARTS_GUESTS := $(addprefix build/guests/x86_64/,v1-start.elf smoke.elf mkdir-private.elf)
starts: build/uhyve-ref $(STARTS_GUESTS) ## guests start 200 times with 64, 1000 and 2048 MiB, STARTS=
	$(Q)$(PYTHON) reference-vmm/soak/starts.py $^ --starts $(STARTS) --jobs $(JOBS)
.PHONY: starts
