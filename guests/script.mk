# The script guest of `make explore`. It is not a test: it lies apart, so that the
# suite does not run it.

# $(1): architecture
define script_guest_rule
build/explore/$(1)/script.elf: guests/script/script.c guests/sdk/guest.ld $$(GUEST_LIB_$(1))
	$$(call say,GUEST,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CROSS_$(1))gcc $$(GUEST_CFLAGS) $$(GUEST_CFLAGS_$(1)) -MMD -MP \
		-MF $$(@:.elf=.d) -MT $$@ $$(GUEST_LDFLAGS) -o $$@.tmp $$< $$(GUEST_LIB_$(1))
	$$(Q)$$(call uhyve_mark,$$@.tmp)
	$$(Q)mv $$@.tmp $$@
-include $$(wildcard build/explore/$(1)/*.d)
endef
$(foreach arch,$(ARCHES),$(eval $(call script_guest_rule,$(arch))))
