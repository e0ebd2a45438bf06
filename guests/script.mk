# The script guest of `make explore`. It is not a test: it lies apart, so that the
# suite does not run it.

# $(1): architecture
define script_guest_rule
build/explore/$(1)/script.elf: guests/script/script.c guests/sdk/guest.ld $$(GUEST_LIB_$(1))
	$$(call say,GUEST,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(NEW) $$(CROSS_$(1))gcc $$(GUEST_CFLAGS) $$(GUEST_CFLAGS_$(1)) $$(GUEST_LDFLAGS) \
		$$(TO_NEW) $$< $$(GUEST_LIB_$(1)); $$(call uhyve_mark,$$$$new); $$(PUT)
-include $$(wildcard build/explore/$(1)/*.d)
endef
$(foreach arch,$(ARCHES),$(eval $(call script_guest_rule,$(arch))))
