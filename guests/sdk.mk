# The SDK: installed below share/uhyve/sdk, its examples built and run from there.

SDK_FILES = $(shell cd guests/sdk && find * .[!.]* -type f ! -name check.sh ! -name '*.elf' ! -path '*/target/*' 2>/dev/null)

# $(1): prefix, with DESTDIR
define install_sdk
for file in $(SDK_FILES); do \
	$(INSTALL) -D -m 644 guests/sdk/$$file $(1)/share/uhyve/sdk/$$file || exit 1; done
endef

# Without a KVM that runs guests, they are only built.
SDK_VMM := $(if $(filter x86_64,$(KVM_HERE)),build/uhyve-ref,none)
sdk-check: build/uhyve-ref ## builds and runs the SDK's examples, in place and installed
	$(Q)guests/sdk/check.sh guests/sdk build/sdk/tree $(SDK_VMM)
	$(Q)rm -rf build/sdk/installed
	$(Q)$(MAKE) install DESTDIR=$(CURDIR)/build/sdk/installed PREFIX=/usr
	$(Q)guests/sdk/check.sh build/sdk/installed/usr/share/uhyve/sdk build/sdk/work $(SDK_VMM)
.PHONY: sdk-check
