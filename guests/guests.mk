# Test guests: guests/<area>/NAME.c becomes build/guests/<arch>/NAME.elf. A name
# that ends in that of an architecture is built for that one only. Start, notes,
# flags and linker script are those of guests/sdk, which is installed.

GUEST_SOURCES := $(filter-out guests/lib/% guests/sdk/% guests/script/% guests/bad/%,$(wildcard guests/*/*.c))
# riscv64 starts without page tables, and has no version 1.
GUEST_NOT_riscv64 := guests/boot/boot-root-table.c guests/boot/boot-tables.c guests/v1/%
$(foreach arch,$(GUEST_ARCHES),$(eval GUEST_SOURCES_$(arch) := $(filter-out $(GUEST_NOT_$(arch)) \
	$(patsubst %,\%-%.c,$(filter-out $(arch),$(GUEST_ARCHES))),$(GUEST_SOURCES))))
GUEST_LIB_COMMON := test console files memory fields cpus fdt dirs entry registers
GUEST_LIB_ARCH := map registers

include guests/sdk/flags.mk
# The names that the suite's library has for what start.h gives.
GUEST_START_FLAGS := -Duhyve_entries=guest_entries -Duhyve_main=guest_start \
	-Duhyve_cpu_main=guest_cpu_main -Duhyve_park=guest_park -Duhyve_turned_away=guest_turned_away
GUEST_CFLAGS := $(WARNINGS) $(REPRODUCIBLE) -std=c11 $(UHYVE_CFLAGS) -Iguests/lib
$(foreach arch,$(GUEST_ARCHES),$(eval GUEST_CFLAGS_$(arch) := $(UHYVE_CFLAGS_$(arch))))
# Position independent, but for one that has to be linked to an address, and one
# whose relocations have to name symbols.
GUEST_PIE := -static-pie
GUEST_PIE_boot-symbols := -shared -fPIC
GUEST_PIE_boot-exec-x86_64 := -static -no-pie -Wl,--defsym=guest_base=0x100040000
# Most of a guest is what debuggers read, and the suite writes each guest twice for each run.
GUEST_LDFLAGS := $(UHYVE_LDFLAGS) -Wl,--compress-debug-sections=zlib

# $(1): architecture
define guest_rules
GUEST_LIB_$(1) := $$(addprefix build/guests/$(1)/lib/,\
	$$(addsuffix .o,$$(addsuffix _$(1),entry $(GUEST_LIB_ARCH)) $(GUEST_LIB_COMMON)))
GUEST_ELFS_$(1) := $$(addprefix build/guests/$(1)/,\
	$$(addsuffix .elf,$$(notdir $$(GUEST_SOURCES_$(1):.c=))))

build/guests/$(1)/lib/%.o: guests/lib/%.c | build/guests/$(1)/lib
	$$(call say,CC,$$@)
	$$(Q)$$(NEW) $$(CROSS_$(1))gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_$(1)) -c $$(TO_NEW) $$<; $$(PUT)
build/guests/$(1)/lib/%.o: guests/lib/%.S | build/guests/$(1)/lib
	$$(call say,AS,$$@)
	$$(Q)$$(NEW) $$(CROSS_$(1))gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_$(1)) -c $$(TO_NEW) $$<; $$(PUT)
build/guests/$(1)/lib/entry_$(1).o: guests/sdk/start_$(1).S guests/sdk/start.h | build/guests/$(1)/lib
	$$(call say,AS,$$@)
	$$(Q)$$(NEW) $$(CROSS_$(1))gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_$(1)) $(GUEST_START_FLAGS) -c \
		$$(TO_NEW) $$<; $$(PUT)
$$(GUEST_LIB_$(1)) $$(GUEST_ELFS_$(1)): build/flags/guests-$(1)
build/guests/$(1)/lib:
	$$(Q)mkdir -p $$@

# A guest whose source is gone would still be run: nothing stale stays.
guests-$(1): $$(GUEST_ELFS_$(1))
	$$(Q)rm -f $$(filter-out $$(GUEST_ELFS_$(1)),$$(wildcard build/guests/$(1)/*.elf))
-include $$(wildcard build/guests/$(1)/*.d build/guests/$(1)/lib/*.d)
endef

# $(1): architecture, $(2): source
define guest_rule
build/guests/$(1)/$(notdir $(2:.c=.elf)): $(2) guests/sdk/guest.ld $$(GUEST_LIB_$(1))
	$$(call say,GUEST,$$@)
	$$(Q)$$(NEW) $$(CROSS_$(1))gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_$(1)) \
		$(or $(GUEST_PIE_$(notdir $(2:.c=))),$(GUEST_PIE)) $(GUEST_LDFLAGS) $$(TO_NEW) $$< \
		$$(GUEST_LIB_$(1)); $$(call uhyve_mark,$$$$new); $$(PUT)
endef

GUEST_FLAGS := $(sort $(foreach name,$(filter GUEST_PIE%,$(.VARIABLES)),$($(name)))) $(GUEST_CFLAGS) \
	$(GUEST_START_FLAGS) $(GUEST_LDFLAGS)
$(foreach arch,$(GUEST_ARCHES),$(eval $(call guest_rules,$(arch))))
$(foreach arch,$(GUEST_ARCHES),$(eval $(call flags_file,guests-$(arch),\
	$$(CROSS_$(arch))gcc $$(GUEST_CFLAGS_$(arch)) $$(GUEST_FLAGS))))
$(foreach arch,$(GUEST_ARCHES),$(foreach source,$(GUEST_SOURCES_$(arch)),$(eval $(call guest_rule,$(arch),$(source)))))

# Of the newest architecture, on which nothing is judged, the check builds one guest of each area
# and those that are its own.
ROW := riscv64
ROW_SAMPLE := $(sort $(filter %-$(ROW).c,$(GUEST_SOURCES)) $(foreach area,$(sort $(dir \
	$(GUEST_SOURCES_$(ROW)))),$(firstword $(filter $(area)%,$(GUEST_SOURCES_$(ROW))))))
ROW_ELFS := $(if $(shell command -v $(CROSS_$(ROW))gcc),\
	$(patsubst %.c,build/guests/$(ROW)/%.elf,$(notdir $(ROW_SAMPLE))))
architecture-sample: $(ROW_ELFS)
architecture-guests: guests-$(ROW)
.PHONY: architecture-sample architecture-guests

guests-all: $(GUEST_ARCHES:%=guests-%)
guests: guests-$(ARCH)
.PHONY: guests guests-all $(GUEST_ARCHES:%=guests-%)
