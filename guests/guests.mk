# Test guests: guests/<area>/NAME.c becomes build/guests/<arch>/NAME.elf. A name
# that ends in -x86_64 or -aarch64 is built for that architecture only. Byte 7,
# which no linker option sets, says that no operating system's ABI is meant.

GUEST_SOURCES := $(filter-out guests/lib/% guests/script/% guests/bad/%,$(wildcard guests/*/*.c))
GUEST_SOURCES_x86_64 := $(filter-out %-aarch64.c,$(GUEST_SOURCES))
GUEST_SOURCES_aarch64 := $(filter-out %-x86_64.c,$(GUEST_SOURCES))
GUEST_LIB_COMMON := test console files memory fields cpus fdt dirs
GUEST_LIB_ARCH := start map registers

GUEST_CFLAGS := $(WARNINGS) -std=c11 -O2 -g -ffreestanding -fno-builtin \
	-fno-stack-protector -fpie -fvisibility=hidden -mgeneral-regs-only \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
	-Iinclude -Iguests/lib
GUEST_CFLAGS_x86_64 := -fcf-protection=none -mno-red-zone
GUEST_CFLAGS_aarch64 := -mno-outline-atomics -mstrict-align -mbranch-protection=none
# Position independent, but for one that has to be linked to an address, and one
# whose relocations have to name symbols.
GUEST_PIE := -static-pie
GUEST_PIE_boot-symbols := -shared -fPIC
GUEST_PIE_boot-exec-x86_64 := -static -no-pie -Wl,--defsym=guest_base=0x100040000
GUEST_LDFLAGS := -nostdlib -Wl,-T,guests/lib/guest.ld \
	-Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Wl,--no-dynamic-linker \
	-Wl,--no-warn-rwx-segments

# $(1): architecture
define guest_rules
GUEST_LIB_$(1) := $$(addprefix build/guests/$(1)/lib/,\
	$$(addsuffix .o,$$(addsuffix _$(1),$(GUEST_LIB_ARCH)) $(GUEST_LIB_COMMON)))
GUEST_ELFS_$(1) := $$(addprefix build/guests/$(1)/,\
	$$(addsuffix .elf,$$(notdir $$(GUEST_SOURCES_$(1):.c=))))

build/guests/$(1)/lib/%.o: guests/lib/%.c | build/guests/$(1)/lib
	$$(call say,CC,$$@)
	$$(Q)$$(CROSS_$(1))gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_$(1)) -MMD -MP -c -o $$@ $$<
build/guests/$(1)/lib/%.o: guests/lib/%.S | build/guests/$(1)/lib
	$$(call say,AS,$$@)
	$$(Q)$$(CROSS_$(1))gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_$(1)) -MMD -MP -c -o $$@ $$<
build/guests/$(1)/lib:
	$$(Q)mkdir -p $$@

# A guest whose source is gone would still be run: nothing stale stays.
guests-$(1): $$(GUEST_ELFS_$(1))
	$$(Q)rm -f $$(filter-out $$(GUEST_ELFS_$(1)),$$(wildcard build/guests/$(1)/*.elf))
-include $$(wildcard build/guests/$(1)/*.d build/guests/$(1)/lib/*.d)
endef

# $(1): architecture, $(2): source
define guest_rule
build/guests/$(1)/$(notdir $(2:.c=.elf)): $(2) guests/lib/guest.ld $$(GUEST_LIB_$(1))
	$$(call say,GUEST,$$@)
	$$(Q)$$(CROSS_$(1))gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_$(1)) -MMD -MP \
		-MF $$(@:.elf=.d) -MT $$@ \
		$(or $(GUEST_PIE_$(notdir $(2:.c=))),$(GUEST_PIE)) $(GUEST_LDFLAGS) -o $$@.tmp $$< $$(GUEST_LIB_$(1))
	$$(Q)printf '\377' | dd of=$$@.tmp bs=1 seek=7 conv=notrunc status=none
	$$(Q)mv $$@.tmp $$@
endef

$(foreach arch,x86_64 aarch64,$(eval $(call guest_rules,$(arch))))
$(foreach arch,x86_64 aarch64,$(foreach source,$(GUEST_SOURCES_$(arch)),$(eval $(call guest_rule,$(arch),$(source)))))

guests-all: guests-x86_64 guests-aarch64
guests: guests-$(ARCH)
.PHONY: guests guests-all guests-x86_64 guests-aarch64
