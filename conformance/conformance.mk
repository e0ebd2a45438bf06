# The harness: its virtual environment, the suite, the checks of the specification.

CONFORMANCE := build/venv/bin/python -m uhyve_conformance

# The stamp holds the date of the last installation; only a changed list of
# packages makes it stale. The harness is found by a relative path, so that a
# copy of the tree, or one that was moved, runs its own.
build/venv/stamp: conformance/requirements.txt
	$(call say,VENV,build/venv)
	$(Q)rm -rf build/venv
	$(Q)$(PYTHON) -m venv build/venv
	$(Q)build/venv/bin/python -m pip --disable-pip-version-check --quiet install \
		--no-deps --requirement $<
	$(Q)build/venv/bin/python -c "import os, sysconfig; lib = sysconfig.get_path('purelib'); \
		print(os.path.relpath('conformance', lib), file=open(lib + '/uhyve_conformance.pth', 'w'))"
	$(Q)touch $@

# ---- The suite ---------------------------------------------------------------

# The hypervisors that this project can build or get. A user's own is there.
# Any release of uhyve from 0.6.0: UHYVE_VERSION=0.8.0, or HYPERVISOR=uhyve@0.8.0.
UHYVE_VERSION := $(or $(patsubst uhyve@%,%,$(filter uhyve@%,$(HYPERVISOR))),0.10.0)
UHYVE := build/uhyve/$(UHYVE_VERSION)/bin/uhyve
HYPERVISOR_SELECTED := $(if $(filter uhyve,$(HYPERVISOR)),uhyve@$(UHYVE_VERSION),$(HYPERVISOR))
HYPERVISOR_reference_x86_64 := build/uhyve-ref
HYPERVISOR_reference_aarch64 := build/static/aarch64/uhyve-ref
HYPERVISOR_reference-asan_x86_64 := build/asan/uhyve-ref
HYPERVISOR_uhyve@$(UHYVE_VERSION)_x86_64 := $(UHYVE)
HYPERVISOR_uhyve@$(UHYVE_VERSION)_aarch64 = $(UHYVE_aarch64)

build/uhyve/%/bin/uhyve:
	$(Q)command -v cargo >/dev/null || { echo 'error: HYPERVISOR=uhyve is built with' \
		'cargo, which is missing; get Rust (package cargo, or rustup)' >&2; exit 3; }
	$(call say,CARGO,uhyve $*)
	$(Q)CARGO_TARGET_DIR=build/uhyve/$*/target cargo install --quiet --locked \
		--version $* --root build/uhyve/$* uhyve
	$(Q)rm -rf build/uhyve/$*/target

# Upstream's open pull request with a KVM backend for aarch64, at the commit that was judged. It needs
# Rust's target aarch64-unknown-linux-gnu and the cross compiler; musl's types do not fit its sources.
# UHYVE_SOURCE: a repository, or a clone of one; UHYVE_COMMIT: another commit.
UHYVE_SOURCE ?= https://github.com/hermit-os/uhyve
UHYVE_COMMIT ?= 4e413afcd382b5320bdd5e12f916b70194178f88
UHYVE_aarch64 := build/uhyve/aarch64/bin/uhyve
UHYVE_TARGET := aarch64-unknown-linux-gnu
$(UHYVE_aarch64):
	$(Q)[ -d "$$(rustc --print target-libdir --target $(UHYVE_TARGET) 2>/dev/null)" ] || \
		{ echo 'error: Rust has no target $(UHYVE_TARGET); rustup target add $(UHYVE_TARGET)' >&2; exit 3; }
	$(call say,CARGO,uhyve for aarch64)
	$(Q)CARGO_TARGET_DIR=build/uhyve/aarch64/target \
		CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=$(CROSS_aarch64)gcc \
		CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS='-C target-feature=+crt-static' \
		cargo install --quiet --locked --git $(UHYVE_SOURCE) --rev $(UHYVE_COMMIT) \
		--target $(UHYVE_TARGET) --root build/uhyve/aarch64 uhyve
	$(Q)rm -rf build/uhyve/aarch64/target
uhyve-aarch64: $(UHYVE_aarch64) ## builds the open KVM backend of upstream's hypervisor for aarch64
.PHONY: uhyve-aarch64

uhyve: $(UHYVE) ## builds upstream's hypervisor, pinned, in build/uhyve
.PHONY: uhyve

# A part of the runs, mutants or changes: SHARD=2/5.
SHARDED = $(if $(SHARD),--shard $(SHARD))
# The arguments of `run`; OPTIONS adds to them, for example OPTIONS='--only read-eof'.
CONFORMANCE_OPTIONS = --hypervisor $(HYPERVISOR_SELECTED) --machine $(MACHINE) --jobs $(JOBS) \
	$(SHARDED) $(OPTIONS)

# $(1): architecture
define conformance_rule
conformance-$(1): build/venv/stamp guests-$(1) $$(HYPERVISOR_$$(HYPERVISOR_SELECTED)_$(1))
	$$(Q)$$(CONFORMANCE) run --arch $(1) $$(CONFORMANCE_OPTIONS)
.PHONY: conformance-$(1)
endef
$(foreach arch,$(ARCHES),$(eval $(call conformance_rule,$(arch))))

# The known defects of uhyve: each is reported, and nothing else is.
UHYVE_RESULTS := build/conformance/uhyve-x86_64/results.json
uhyve-defects: build/venv/stamp guests-x86_64 $(UHYVE) ## checks that each known defect of uhyve 0.10.0 is reported
	$(Q)rm -f $(UHYVE_RESULTS)
	$(Q)$(CONFORMANCE) run --hypervisor uhyve --jobs $(JOBS) >build/uhyve/defects.log 2>&1 || \
		test -s $(UHYVE_RESULTS) || { cat build/uhyve/defects.log >&2; exit 3; }
	$(Q)$(CONFORMANCE) defects conformance/uhyve-defects.toml $(UHYVE_RESULTS)
.PHONY: uhyve-defects

# All releases, each built once and kept in build/uhyve, and judged each time, for the suite changes.
UHYVE_RELEASES := 0.6.0 0.7.0 0.8.0 0.9.0 0.9.1 0.10.0
history: build/venv/stamp guests-x86_64 $(UHYVE_RELEASES:%=build/uhyve/%/bin/uhyve) ## all releases of uhyve side by side, build/history
	$(Q)for release in $(UHYVE_RELEASES); do \
		$(CONFORMANCE) run --hypervisor uhyve@$$release --jobs $(JOBS) \
			--output build/history/$$release >build/history.log 2>&1 || test $$? = 1 || \
			{ cat build/history.log >&2; exit 3; }; done
	$(Q)$(CONFORMANCE) history --output build/history \
		$(UHYVE_RELEASES:%=build/history/%/*.uhyve.tar.xz)
.PHONY: history

conformance: $(if $(filter all,$(ARCH)),conformance-x86_64 conformance-aarch64,conformance-$(ARCH)) ## judges HYPERVISOR by every test guest
.PHONY: conformance

# ---- The description of the interface ------------------------------------------

# Needs no more than Python, so that an installation does not, either.
INTERFACE_DESCRIPTION := $(wildcard include/uhyve_interface/*.def)
build/interface.json: $(INTERFACE_DESCRIPTION) conformance/uhyve_conformance/interface.py \
		conformance/uhyve_conformance/interface_json.py
	$(Q)PYTHONPATH=conformance $(PYTHON) -m uhyve_conformance.interface_json $@

interface.json: build/interface.json ## writes numbers, layouts and constants for other languages, build/interface.json
.PHONY: interface.json

# Root may do things that others may not: files of mode 0, the reports' places, the explorer.
USER_GUESTS := open or stat or mkdir or unlink or path
conformance-user: build/venv/stamp guests-x86_64 build/explore/x86_64/script.elf build/uhyve-ref ## runs a part of suite and explorer as an ordinary user
	$(Q)$(if $(filter x86_64,$(KVM_HERE)),mk/as-user.sh build/check/user run --jobs $(JOBS) -- -k \
		'$(USER_GUESTS)',echo '0 passed, 0 failed, 1 skipped: no KVM here')
	$(Q)$(if $(filter x86_64,$(KVM_HERE)),mk/as-user.sh build/check/user-explore explore --seconds 3)

# The same verdicts in any order, on a busy machine, for another user?
RUNS ?= 20
USER_RUNS ?= 2
shuffled: build/venv/stamp guests-x86_64 $(HYPERVISOR_$(HYPERVISOR_SELECTED)_x86_64) ## RUNS=20 orders under four busy loops
	$(Q)build/venv/bin/python -m uhyve_conformance.shuffled build/check/shuffled $(HYPERVISOR_SELECTED) \
		$(RUNS) $(USER_RUNS) --jobs $(JOBS) $(OPTIONS)
.PHONY: conformance-user shuffled

# ---- The specification ---------------------------------------------------------

# The page shows guests, mutants and results that lie at hand, so it is made each time.
SPEC_NEEDS := build/venv/stamp guests-x86_64 build/uhyve-ref-mutants build/uhyve-ref-freedoms \
	$(if $(shell command -v $(CROSS_aarch64)gcc),guests-aarch64)

spec: $(SPEC_NEEDS) ## builds the specification as one page, build/spec/index.html
	$(Q)$(CONFORMANCE) spec

site: $(SPEC_NEEDS) ## builds specification, reports, findings and documents as one site, build/site
	$(Q)$(CONFORMANCE) site
.PHONY: site

# The pages in a real browser, which is of the group browser in mk/packages.txt.
build/venv/browser: conformance/browser/requirements.txt build/venv/stamp
	$(call say,VENV,selenium and axe-core)
	$(Q)build/venv/bin/python -m pip --disable-pip-version-check --quiet install \
		--no-deps --requirement $<
	$(Q)touch $@

page-check: build/venv/browser $(SPEC_NEEDS) ## tests the pages in a browser; pictures in build/page-check
	$(Q)build/venv/bin/python -m pytest -q -p no:cacheprovider -p no:xdist conformance/browser
.PHONY: page-check

spec-check: build/venv/stamp guests-x86_64 ## checks that chapters, lock and guests fit together
	$(Q)$(CONFORMANCE) spec-check
lock: build/venv/stamp $(foreach arch,$(GUEST_ARCHES),$(if $(shell command -v $(CROSS_$(arch))gcc),guests-$(arch))) ## rewrites the digests of requirements and guests
	$(Q)$(CONFORMANCE) lock
.PHONY: spec spec-check lock

venv: build/venv/stamp ## installs the harness's Python packages in build/venv
.PHONY: venv

# ---- Self-tests ------------------------------------------------------------------

# Guests that misbehave, built like the real ones.
SELFTEST_SOURCES := $(wildcard conformance/tests/guests/*.c)
SELFTEST_ELFS := $(SELFTEST_SOURCES:conformance/tests/guests/%.c=build/selftest/x86_64/%.elf)

build/selftest/x86_64/%.elf: conformance/tests/guests/%.c $(wildcard guests/lib/*) | guests-x86_64
	$(call say,GUEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(NEW) $(CROSS_x86_64)gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_x86_64) $(GUEST_LDFLAGS) \
		-o $$new $< $(GUEST_LIB_x86_64); $(call uhyve_mark,$$new); $(PUT)

# A test often only waits, as a run does (options.py, at_once).
TESTS_AT_ONCE := $(shell echo $$(($(JOBS) + $(JOBS) / 2)))

selftest-guests: $(SELFTEST_ELFS)
harness-check: build/venv/stamp selftest-guests guests-x86_64 build/uhyve-ref build/uhyve-ref-mutants \
		build/explore/x86_64/script.elf architecture-sample ## the harness's own tests
	$(Q)build/venv/bin/python -m pytest -q -n $(TESTS_AT_ONCE) -p no:cacheprovider conformance/tests
# Six of these mutations are a part of harness-check.
harness-mutants: build/venv/stamp ## breaks the harness in one place at a time; its tests have to notice
	$(Q)HARNESS_MUTATIONS=all build/venv/bin/python -m pytest -q -n $(JOBS) -p no:cacheprovider \
		conformance/tests/test_mutations.py
# All guests of the architecture that nothing is judged on, and their images.
architecture-check: build/venv/stamp architecture-guests ## builds the guests of the newest architecture, looks at them
	$(Q)build/venv/bin/python -m pytest -q -p no:cacheprovider conformance/tests/test_architectures.py
.PHONY: selftest-guests harness-check harness-mutants architecture-check

# Shows what a pass is worth: hypervisors that do next to nothing.
lazy: build/venv/stamp guests-x86_64 build/uhyve-ref-mutants ## compares the scores of the lazy hypervisors with conformance/lazy/README.md
	$(Q)build/venv/bin/python conformance/lazy/scores.py
lazy-write: build/venv/stamp guests-x86_64 build/uhyve-ref-mutants
	$(Q)build/venv/bin/python conformance/lazy/scores.py --write
.PHONY: lazy lazy-write

# Random changes of the VMM's sources: does the suite notice? SEED=1 COUNT=20
mutate: build/venv/stamp guests-x86_64 build/uhyve-ref ## changes the VMM's sources at random; SEED=1 COUNT=20
	$(Q)$(CONFORMANCE) mutate --seed $(SEED) --count $(or $(COUNT),20) --jobs $(JOBS) $(SHARDED) $(OPTIONS)
# One of them, for `mutate`: FILE of the sources as MUTATED, linked to OUT.
mutate-build:
	$(Q)$(CC) $(VMM_CFLAGS) -w -Ireference-vmm/src/$(dir $(FILE)) -c -o $(OUT).o $(MUTATED)
	$(Q)$(CC) -pthread -o $(OUT) $(filter-out build/vmm/$(FILE:.c=.o),$(VMM_OBJECTS_build/vmm)) \
		$(OUT).o $(VMM_LIBS)
.PHONY: mutate mutate-build

# Does every check notice when its requirement is broken? MATRIX=full: all on all.
mutants: build/venv/stamp guests-$(ARCH) build/uhyve-ref-mutants ## breaks one requirement at a time; every check has to notice
	$(Q)$(CONFORMANCE) mutants --arch $(ARCH) --machine $(MACHINE) --jobs $(JOBS) $(if $(filter full,$(MATRIX)),--matrix) $(SHARDED) $(OPTIONS)
.PHONY: mutants

# Is a hypervisor that behaves differently, where it may, judged fairly?
freedoms: build/venv/stamp guests-x86_64 build/uhyve-ref-freedoms ## takes each freedom of the specification; no check may complain
	$(Q)$(CONFORMANCE) freedoms --jobs $(JOBS) $(OPTIONS)
.PHONY: freedoms

# ---- Real kernels ------------------------------------------------------------------
# KERNELS=folder holds images, and lists of images as conformance/kernels/published.toml.
kernels: build/venv/stamp build/uhyve-ref $(addprefix build/static/,$(addsuffix /uhyve-ref,$(ARCHES))) ## runs Hermit images in KERNELS=folder, on reference and uhyve; RUNS=starts of each
	$(Q)build/venv/bin/python -m uhyve_conformance.kernels --machine $(MACHINE) \
		$(if $(KERNELS),--folder $(KERNELS)) \
		$(if $(filter command environment,$(origin RUNS)),--times $(RUNS)) $(OPTIONS)
.PHONY: kernels

# ---- Both ends of the range in which RAM may lie -------------------------------------
# The guests about the start, on the reference VMM at the lowest and at the highest place.
ENDS_GUESTS = $(filter-out $(patsubst %,\%-%,$(filter-out $(1),$(GUEST_ARCHES))),\
	$(notdir $(basename $(wildcard guests/boot/*.c))))
define ends_rule
ends-$(1): build/venv/stamp guests-$(1) $(2)uhyve-ref $(2)uhyve-ref-freedoms
	$$(Q)for end in low high; do $$(CONFORMANCE) run --arch $(1) --hypervisor conformance/ends/$$$$end.toml \
		--jobs $$(JOBS) $$(addprefix --only ,$$(call ENDS_GUESTS,$(1))) $$(OPTIONS) || exit; done
.PHONY: ends-$(1)
endef
$(eval $(call ends_rule,x86_64,build/))
$(eval $(call ends_rule,aarch64,build/static/aarch64/))
ends-aarch64: $(MACHINE_FILES_aarch64)
ends: ends-x86_64 ends-aarch64 ## the guests about the start, with RAM at both ends of its range
.PHONY: ends
