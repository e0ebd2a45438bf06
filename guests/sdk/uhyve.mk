# Include this, and `make hello.elf` builds a guest from hello.c, hello.cpp:
#
#	include /usr/local/share/uhyve/sdk/uhyve.mk
#
# UHYVE_ARCH is x86_64, aarch64 or riscv64, CROSS_COMPILE the prefix of the compiler.

include $(dir $(lastword $(MAKEFILE_LIST)))flags.mk
ifneq ($(UHYVE_ARCH),x86_64)
CROSS_COMPILE ?= $(if $(filter $(UHYVE_ARCH),$(shell uname -m)),,$(UHYVE_ARCH)-linux-gnu-)
endif
UHYVE_START = $(UHYVE_SDK)/start_$(UHYVE_ARCH).S

%.elf: %.c $(UHYVE_START)
	$(CROSS_COMPILE)gcc -std=c11 $(UHYVE_CFLAGS) $(UHYVE_CFLAGS_$(UHYVE_ARCH)) $(CFLAGS) \
		-static-pie $(UHYVE_LDFLAGS) -o $@.tmp $< $(UHYVE_START)
	$(call uhyve_mark,$@.tmp)
	mv $@.tmp $@
%.elf: %.cpp $(UHYVE_START)
	$(CROSS_COMPILE)g++ -std=c++17 $(UHYVE_CFLAGS) $(UHYVE_CXXFLAGS) $(UHYVE_CFLAGS_$(UHYVE_ARCH)) \
		$(CXXFLAGS) -static-pie $(UHYVE_LDFLAGS) -o $@.tmp $< -x assembler-with-cpp $(UHYVE_START)
	$(call uhyve_mark,$@.tmp)
	mv $@.tmp $@
