# The reference VMM: build/uhyve-ref, its sanitizer and static variants. Unit
# tests, mutants and fuzzers add their own rules in files beside this one.

CC := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
VMM_SOURCES := $(wildcard reference-vmm/src/*.c reference-vmm/src/judge/*.c)
VMM_ARCH_SOURCES = $(wildcard reference-vmm/src/$(1)/*.c)
# From archives where the machine has them: to look for shared libraries is most of
# what a start costs beyond KVM's part.
vmm_file = $(filter /%,$(shell $(CC) -print-file-name=$(1)))
VMM_LIBS := $(foreach lib,fdt seccomp,$(or $(call vmm_file,lib$(lib).a),-l$(lib)))
VMM_CFLAGS := $(WARNINGS) $(REPRODUCIBLE) -std=c11 -D_GNU_SOURCE -O2 -g -pthread \
	-fstack-protector-strong -fvisibility=hidden -Iinclude -Ireference-vmm/src \
	-DUHYVE_REF_VERSION='"$(VERSION)"'
VMM_SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all

VMM_ARCH := $(shell uname -m)

# $(1): folder of objects, $(2): architecture, $(3): compiler, $(4): more flags
define vmm_objects
$(call flags_file,$(subst /,-,$(1:build/%=%)),$(3) $$(VMM_CFLAGS) $(4))
$(1)/%.o: reference-vmm/src/%.c build/flags/$(subst /,-,$(1:build/%=%))
	$$(Q)mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$$(NEW) $(3) $$(VMM_CFLAGS) $(4) -c $$(TO_NEW) $$<; $$(PUT)
VMM_OBJECTS_$(1) := $$(patsubst reference-vmm/src/%.c,$(1)/%.o,\
	$$(VMM_SOURCES) $$(call VMM_ARCH_SOURCES,$(2)))
-include $$(wildcard $(1)/*.d $(1)/*/*.d)
endef

$(eval $(call vmm_objects,build/vmm,$(VMM_ARCH),$(CC),))
$(eval $(call vmm_objects,build/asan/vmm,$(VMM_ARCH),$(CC),$(VMM_SANITIZERS)))

build/uhyve-ref: $(VMM_OBJECTS_build/vmm)
	$(call say,LD,$@)
	$(Q)$(NEW) $(CC) -pthread -o $$new $^ $(VMM_LIBS); $(PUT)

build/asan/vmm/defaults.o: reference-vmm/asan/defaults.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -O2 -c -o $@ $<
build/asan/uhyve-ref: $(VMM_OBJECTS_build/asan/vmm) build/asan/vmm/defaults.o
	$(call say,LD,$@)
	$(Q)$(NEW) $(CC) -pthread $(VMM_SANITIZERS) -o $$new $^ $(VMM_LIBS); $(PUT)

vmm: build/uhyve-ref ## builds the reference VMM, build/uhyve-ref
vmm-asan: build/asan/uhyve-ref ## builds it with address and undefined-behaviour sanitizers

# Without shared libraries, for machines that have none: x86_64 with the
# compiler of this host, aarch64 with the cross compiler and libraries of its own.
define vmm_static
$$(eval $$(call vmm_objects,build/static/$(1)/vmm,$(1),$$(CROSS_$(1))gcc,$$(VMM_STATIC_CFLAGS_$(1))))
build/static/$(1)/uhyve-ref: $$(VMM_OBJECTS_build/static/$(1)/vmm)
	$$(call say,LD,$$@)
	$$(Q)$$(CROSS_$(1))gcc -static -pthread -o $$@ $$^ $$(VMM_STATIC_LIBS_$(1))
endef
VMM_STATIC_LIBS_x86_64 := -lfdt -lseccomp
VMM_SYSROOT := build/machines/aarch64/sysroot
VMM_STATIC_CFLAGS_aarch64 := -isystem $(VMM_SYSROOT)/usr/include
VMM_STATIC_LIBS_aarch64 = -L$(VMM_SYSROOT)/usr/lib/aarch64-linux-gnu -lfdt -lseccomp
$(foreach arch,$(ARCHES),$(eval $(call vmm_static,$(arch))))
$(VMM_OBJECTS_build/static/aarch64/vmm): | $(VMM_SYSROOT)/complete

.PHONY: vmm vmm-asan
