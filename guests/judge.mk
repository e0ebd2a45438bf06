# The bad guests of the judge (README.md): bad-2.elf names version 2 and has no call of
# version 3, bad-3.elf has them all. They are no tests: they lie apart.

BAD_GUESTS := build/bad/bad-2.elf build/bad/bad-3.elf

build/bad/bad-%.elf: guests/bad/bad.c guests/bad/mistakes.def guests/bad/mistakes_3.def \
		guests/lib/guest.ld $(GUEST_LIB_x86_64)
	$(call say,GUEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS_x86_64)gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_x86_64) -DGUEST_INTERFACE=$* -Wl,-e,bad_start \
		$(GUEST_PIE) $(GUEST_LDFLAGS) -o $@.tmp $< $(GUEST_LIB_x86_64)
	$(Q)printf '\377' | dd of=$@.tmp bs=1 seek=7 conv=notrunc status=none
	$(Q)mv $@.tmp $@
