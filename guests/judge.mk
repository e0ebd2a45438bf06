# The bad guests of the judge (README.md): bad-2.elf names version 2 and has no call of
# version 3, bad-3.elf has them all. They are no tests: they lie apart.

BAD_GUESTS := $(addprefix build/bad/,bad-2.elf bad-3.elf needless.elf)

BAD_ENTRY := -Wl,-e,bad_start

# $(1): flags and files
define bad_guest
	$(call say,GUEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS_x86_64)gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_x86_64) $(GUEST_PIE) $(GUEST_LDFLAGS) \
		-o $@.tmp $< $(1)
	$(Q)$(call uhyve_mark,$@.tmp)
	$(Q)mv $@.tmp $@
endef

build/bad/bad-%.elf: guests/bad/bad.c guests/bad/mistakes.def guests/bad/mistakes_3.def \
		guests/sdk/guest.ld $(GUEST_LIB_x86_64)
	$(call bad_guest,-DGUEST_INTERFACE=$* $(BAD_ENTRY) $(GUEST_LIB_x86_64))
build/bad/needless.elf: guests/bad/needless.c guests/sdk/guest.ld $(GUEST_LIB_x86_64)
	$(call bad_guest,build/guests/x86_64/lib/entry_x86_64.o)

# A correct guest of the crates that upstream publishes, where cargo can build it.
RUST_TARGET := x86_64-unknown-none
RUST_GUEST := $(if $(shell test -d "$$(rustc --print target-libdir --target $(RUST_TARGET) 2>/dev/null)" && \
	command -v cargo),build/bad/sdk/hello-rs/hello-rs.elf)
RUST_SOURCES := $(shell find guests/sdk/hello-rs -type f ! -path '*/target/*')
build/bad/sdk/hello-rs/hello-rs.elf: $(RUST_SOURCES)
	$(call say,CARGO,$@)
	$(Q)rm -rf $(@D) && mkdir -p $(dir $(@D)) && cp -R guests/sdk/hello-rs $(@D)
	$(Q)CARGO_TARGET_DIR=$(CURDIR)/build/rust $(MAKE) -s -C $(@D) hello-rs.elf

# The SDK's examples are correct, too.
SDK_EXAMPLES := $(addprefix build/bad/sdk/,hello.elf hello-cpp.elf)
SDK_PARTS := $(wildcard guests/sdk/*.h guests/sdk/*.S guests/sdk/*.mk guests/sdk/*.ld)
build/bad/sdk/%.elf: guests/sdk/%.c* $(SDK_PARTS)
	$(call say,GUEST,$@)
	$(Q)mkdir -p $(@D)/$*
	$(Q)cp $< $(@D)/$*
	$(Q)printf 'include $(CURDIR)/guests/sdk/uhyve.mk\n' >$(@D)/$*/Makefile
	$(Q)$(MAKE) -s -C $(@D)/$* UHYVE_ARCH=x86_64 $*.elf
	$(Q)mv $(@D)/$*/$*.elf $@

# The reference's adapter, with an option more.
build/bad/judged.toml: conformance/adapters/reference.toml
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's|^name = .*|name = "judged"|' -e 's|"{root}/build/uhyve-ref"|&, "--judge=json:judge.json"|' \
		-e '/^\[programs\]/,$$d' $< >$@

# The suite's guests are judged, too; what they break on purpose stands in breaks.toml.
JUDGED := build/conformance/judged-x86_64
ifeq ($(KVM_HERE),x86_64)
judge: build/venv/stamp build/uhyve-ref build/uhyve-ref-freedoms guests-x86_64 $(BAD_GUESTS) $(RUST_GUEST) \
		$(SDK_EXAMPLES) build/bad/judged.toml
	$(Q)rm -rf $(JUDGED)
	$(Q)$(CONFORMANCE) run --hypervisor build/bad/judged.toml --jobs $(JOBS) --output $(JUDGED) \
		-- --quiet --quiet >build/judged.log 2>&1 || { cat build/judged.log; exit 1; }
	$(Q)$(CONFORMANCE) judge-check --jobs $(JOBS) --suite $(JUDGED)/runs \
		$(foreach guest,$(SDK_EXAMPLES) $(RUST_GUEST),--correct $(guest))
else
judge: ## does the judge of guests find each mistake, and no other?
	$(Q)echo '0 passed, 0 failed, 1 skipped: no KVM of x86-64 here'
endif

# IMAGE=path, OPTIONS='--cpus 2 -- argument'
guest: build/venv/stamp build/uhyve-ref build/uhyve-ref-freedoms ## judges the guest IMAGE=path: does it keep the rules for guests?
	$(Q)test -n '$(IMAGE)' || { echo 'error: make guest IMAGE=path' >&2; exit 4; }
	$(Q)$(CONFORMANCE) guest --output build/guest $(IMAGE) $(OPTIONS)
# Its tests judge these.
harness-check: build/uhyve-ref-freedoms $(BAD_GUESTS)
.PHONY: judge guest
