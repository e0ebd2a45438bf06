# Checks that the crates that upstream publishes match the interface. Each is built with
# debug information, then compared (bindings/rust).

BINDINGS := 0.1.4 0.2.0 0.3.0
BINDING_MAPS_0.2.0 := 0.2.0
BINDING_MAPS_0.1.4 := 0.2.0 0.1.4
BINDING_SOURCES := $(wildcard conformance/bindings/rust/Cargo.* conformance/bindings/rust/src/*)

# $(1): version of uhyve-interface
define binding_rule
build/bindings/$(1)/debug/libbindings.rlib: $(BINDING_SOURCES)
	$$(call say,CARGO,uhyve-interface $(1))
	$$(Q)cargo build --quiet --locked --manifest-path conformance/bindings/rust/Cargo.toml \
		--features interface-$(subst .,-,$(1)) --target-dir build/bindings/$(1)
	$$(Q)touch $$@

binding-$(1): build/venv/stamp build/bindings/$(1)/debug/libbindings.rlib
	$$(Q)$$(CONFORMANCE) check-binding --strict --map conformance/bindings/rust.toml \
		$$(foreach map,$$(BINDING_MAPS_$(1)),--map conformance/bindings/rust-$$(map).toml) \
		--junit build/bindings/$(1)/junit.xml build/bindings/$(1)/debug/libbindings.rlib
.PHONY: binding-$(1)
endef
$(foreach version,$(BINDINGS),$(eval $(call binding_rule,$(version))))

# Without cargo or its crates nothing is compared, which is not a success.
bindings: ## compares the published Rust crates with the interface
	$(Q)why=$$(mk/crates.sh conformance/bindings/rust/Cargo.toml); status=$$?; \
	case $$status in \
	0) $(MAKE) $(addprefix binding-,$(BINDINGS));; \
	75) echo "0 passed, 0 failed, $(words $(BINDINGS)) skipped: $$why";; \
	*) exit $$status;; \
	esac
.PHONY: bindings
