# make install: headers and their description, reference VMM, manual page, pkg-config file.

INSTALL ?= install
VERSION := $(file <VERSION)
UHYVE_HEADERS := $(wildcard include/uhyve_interface/*.h include/uhyve_interface/*.def)

define UHYVE_PC
prefix=$(PREFIX)
includedir=$${prefix}/include

Name: uhyve-interface
Description: The Uhyve hypercall interface
Version: $(VERSION)
Cflags: -I$${includedir}
endef
export UHYVE_PC

install: build/uhyve-ref build/uhyve-ref-freedoms build/interface.json ## installs headers, VMM and manual page under PREFIX (DESTDIR)
	$(Q)$(INSTALL) -d $(DESTDIR)$(PREFIX)/include/uhyve_interface \
		$(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/pkgconfig $(DESTDIR)$(PREFIX)/share/uhyve/bindings
	$(Q)$(INSTALL) -m 644 $(UHYVE_HEADERS) $(DESTDIR)$(PREFIX)/include/uhyve_interface
	$(Q)$(INSTALL) -m 755 build/uhyve-ref build/uhyve-ref-freedoms $(DESTDIR)$(PREFIX)/bin
	$(Q)$(INSTALL) -m 644 reference-vmm/uhyve-ref.1 $(DESTDIR)$(PREFIX)/share/man/man1
	$(Q)$(INSTALL) -m 644 build/interface.json conformance/interface.schema.json \
		$(DESTDIR)$(PREFIX)/share/uhyve
	$(Q)$(INSTALL) -m 644 conformance/bindings/*.toml $(DESTDIR)$(PREFIX)/share/uhyve/bindings
	$(Q)printf '%s\n' "$$UHYVE_PC" \
		>$(DESTDIR)$(PREFIX)/share/pkgconfig/uhyve-interface.pc
	$(Q)$(call install_sdk,$(DESTDIR)$(PREFIX))
	$(call say,INSTALL,$(DESTDIR)$(PREFIX))

.PHONY: install
