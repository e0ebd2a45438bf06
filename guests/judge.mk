# The bad guests of the judge (README.md): bad-2.elf names version 2 and has no call of
# version 3, bad-3.elf has them all. They are not tests, and lie apart.

BAD_GUESTS := $(addprefix build/bad/,bad-2.elf bad-3.elf needless.elf)
BAD_GUESTS_aarch64 := build/bad/aarch64/bad-2.elf build/bad/aarch64/bad-3.elf
BAD_SOURCES := $(wildcard guests/bad/*)

BAD_ENTRY := -Wl,-e,bad_start

# $(1): architecture, $(2): flags and files
define bad_guest
	$(call say,GUEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(NEW) $(CROSS_$(1))gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_$(1)) $(GUEST_PIE) $(GUEST_LDFLAGS) \
		-o $$new $< $(2); $(call uhyve_mark,$$new); $(PUT)
endef

build/bad/bad-%.elf: guests/bad/bad.c $(BAD_SOURCES) guests/sdk/guest.ld $(GUEST_LIB_x86_64)
	$(call bad_guest,x86_64,-DGUEST_INTERFACE=$* $(BAD_ENTRY) $(GUEST_LIB_x86_64))
build/bad/needless.elf: guests/bad/needless.c guests/sdk/guest.ld $(GUEST_LIB_x86_64)
	$(call bad_guest,x86_64,build/guests/x86_64/lib/entry_x86_64.o)
build/bad/aarch64/bad-%.elf: guests/bad/bad.c $(BAD_SOURCES) guests/sdk/guest.ld $(GUEST_LIB_aarch64)
	$(call bad_guest,aarch64,-DGUEST_INTERFACE=$* $(BAD_ENTRY) $(GUEST_LIB_aarch64))

# A correct guest of the crates that upstream publishes, where cargo can build it.
RUST_TARGET := x86_64-unknown-none
RUST_GUEST := build/bad/sdk/hello-rs/hello-rs.elf
RUST_SOURCES := $(shell find guests/sdk/hello-rs -type f ! -path '*/target/*')
$(RUST_GUEST): $(RUST_SOURCES)
	$(call say,CARGO,$@)
	$(Q)rm -rf $(@D) && mkdir -p $(dir $(@D)) && cp -R guests/sdk/hello-rs $(@D)
	$(Q)CARGO_TARGET_DIR='$(CURDIR)/build/rust' $(MAKE) -s -C $(@D) hello-rs.elf

# Says in a file why it cannot be built here; the file is empty when it can.
build/bad/hello-rs.skipped: $(RUST_SOURCES) FORCE
	$(Q)mkdir -p $(@D)
	$(Q)mk/crates.sh guests/sdk/hello-rs/Cargo.toml $(RUST_TARGET) >$@ || [ $$? = 75 ] || { rm -f $@; exit 1; }
	$(Q)if [ -s $@ ]; then rm -f $(RUST_GUEST); else $(MAKE) --no-print-directory $(RUST_GUEST); fi

# The SDK's examples are correct, too.
SDK_EXAMPLES := $(addprefix build/bad/sdk/,hello.elf hello-cpp.elf)
SDK_PARTS := $(wildcard guests/sdk/*.h guests/sdk/*.S guests/sdk/*.mk guests/sdk/*.ld)
build/bad/sdk/%.elf: guests/sdk/%.c* $(SDK_PARTS)
	$(call say,GUEST,$@)
	$(Q)mkdir -p $(@D)/$*
	$(Q)cp $< $(@D)/$*
	$(Q)printf 'include ../../../../guests/sdk/uhyve.mk\n' >$(@D)/$*/Makefile
	$(Q)$(MAKE) -s -C $(@D)/$* UHYVE_ARCH=x86_64 $*.elf
	$(Q)mv $(@D)/$*/$*.elf $@

# The reference's adapter, with an option more.
build/bad/judged.toml: conformance/adapters/reference.toml
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's|^name = .*|name = "judged"|' -e 's|"{root}/build/uhyve-ref"|&, "--judge=json:judge.json"|' \
		-e '/^\[programs\]/,$$d' $< >$@

# The suite's guests are judged, too; what they break on purpose stands in breaks.toml.
JUDGED := build/bad/judged
judge: $(if $(filter all,$(ARCH)),judge-x86_64 judge-aarch64,judge-$(ARCH)) ## checks that the judge of guests finds each mistake, and no other

ifeq ($(KVM_HERE),x86_64)
judge-x86_64: build/venv/stamp build/uhyve-ref build/uhyve-ref-freedoms guests-x86_64 $(BAD_GUESTS) \
		build/bad/hello-rs.skipped $(SDK_EXAMPLES) build/bad/judged.toml
	$(Q)rm -rf $(JUDGED)
	$(Q)$(CONFORMANCE) run --hypervisor build/bad/judged.toml --jobs $(JOBS) --output $(JUDGED) \
		-- --quiet --quiet >build/judged.log 2>&1 || { cat build/judged.log; exit 1; }
	$(Q)$(CONFORMANCE) judge-check --jobs $(JOBS) --suite $(JUDGED)/runs \
		$(foreach guest,$(SDK_EXAMPLES),--correct $(guest)) \
		"$$(if [ -s build/bad/hello-rs.skipped ]; then \
			echo "--skipped=$(RUST_GUEST): $$(cat build/bad/hello-rs.skipped)"; \
			else echo '--correct=$(RUST_GUEST)'; fi)"
else
judge-x86_64:
	$(Q)echo '0 passed, 0 failed, 1 skipped: no KVM of x86-64 here'
endif

# Guests of aarch64 in a machine that QEMU emulates, or on a host that is one.
JUDGE_VMM_aarch64 := build/static/aarch64/uhyve-ref build/static/aarch64/uhyve-ref-freedoms
judge-aarch64: build/venv/stamp $(JUDGE_VMM_aarch64) $(BAD_GUESTS) $(BAD_GUESTS_aarch64) \
		$(MACHINE_FILES_aarch64) ## the mistakes of guests of aarch64, under QEMU
	$(Q)$(CONFORMANCE) judge-check --arch aarch64 --jobs $(JOBS) $(OPTIONS)

# For `make check`: those that only a guest of aarch64 can make.
judge-aarch64-sample: build/venv/stamp build/static/aarch64/uhyve-ref $(BAD_GUESTS_aarch64) machine-aarch64
	$(Q)$(CONFORMANCE) judge-check --arch aarch64 --jobs $(JOBS) \
		$$(sed -n 's/^MISTAKE_AARCH64(\([a-z0-9_]*\),.*/--only \1/p' guests/bad/mistakes.def)
.PHONY: judge-aarch64-sample

# IMAGE=path, OPTIONS='--cpus 2 -- argument'. ARCH=aarch64: under QEMU.
GUEST_VMM := $(if $(filter aarch64,$(ARCH)),$(JUDGE_VMM_aarch64) $(MACHINE_FILES_aarch64),\
	build/uhyve-ref build/uhyve-ref-freedoms $(MACHINE_FILES_x86_64) \
	$(if $(MACHINE_FILES_x86_64),build/static/x86_64/uhyve-ref-freedoms))
guest: build/venv/stamp $(GUEST_VMM) ## judges the guest IMAGE=path by the rules for guests
	$(Q)test -n '$(IMAGE)' || { echo 'error: make guest IMAGE=path' >&2; exit 4; }
	$(Q)$(CONFORMANCE) guest --arch $(ARCH) --output build/guest $(IMAGE) $(OPTIONS)
# Its tests judge these.
harness-check: build/uhyve-ref-freedoms $(BAD_GUESTS)
FORCE:
.PHONY: FORCE judge judge-x86_64 judge-aarch64 guest
