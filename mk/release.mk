# Releases: what is handed out, the proof that it can be made again, and what is missing.
# mk/release/ does the work.

DIST := build/dist
DIST_PYTHON := build/venv/bin/python -B
# All guests, for the page of the specification names those that are there.
DIST_NEEDS := build/venv/release $(GUEST_ARCHES:%=guests-%) build/interface.json \
	build/explore/x86_64/script.elf build/explore/aarch64/script.elf \
	build/machines/x86_64/init build/machines/aarch64/init \
	build/static/x86_64/uhyve-ref build/static/x86_64/uhyve-ref-freedoms \
	build/static/aarch64/uhyve-ref

build/venv/release: mk/release/requirements.txt build/venv/stamp
	$(call say,VENV,flit_core)
	$(Q)build/venv/bin/python -m pip --disable-pip-version-check --quiet install \
		--no-deps --requirement $<
	$(Q)touch $@

dist: $(DIST_NEEDS) ## builds wheel, archive and sources of a release with SHA256SUMS, build/dist
	$(Q)$(CONFORMANCE) spec --bare --output $(DIST)/spec/index.html
	$(Q)$(DIST_PYTHON) mk/release/dist.py $(DIST)

dist-check: dist ## builds the release twice, elsewhere and as another user, and compares the bytes
	$(Q)$(DIST_PYTHON) mk/release/twice.py $(JOBS)

release-check: ## lists what is missing for a release of this version
	$(Q)$(PYTHON) mk/release/ready.py
.PHONY: dist dist-check release-check

# The checkout's verdicts come from the same program as those of the wheel.
WHEEL := $(DIST)/uhyve_conformance-$(VERSION)-py3-none-any.whl
WHEEL_REFERENCE := build/conformance/wheel-reference
wheel-check: dist ## tries the wheel alone, without compiler, make and checkout
	$(Q)$(CONFORMANCE) run --program build/static/x86_64/uhyve-ref --output $(WHEEL_REFERENCE) \
		--jobs $(JOBS)
	$(Q)$(DIST_PYTHON) mk/release/alone.py $(WHEEL) $(WHEEL_REFERENCE)/results.json

# The same where there is nothing but Python, and for upstream's hypervisor, too. Takes root.
BARE := build/bare/root
$(BARE)/stamp:
	$(call say,ROOT,$(BARE))
	$(Q)rm -rf $(BARE) && mkdir -p $(@D)
	$(Q)debootstrap --variant=minbase --include=python3,python3-venv bookworm $(BARE) \
		>build/bare/log 2>&1 || { tail build/bare/log >&2; exit 3; }
	$(Q)touch $@
bare-check: dist $(UHYVE) $(BARE)/stamp ## the wheel in a bare Debian: verdicts on reference and uhyve, and the time
	$(Q)$(CONFORMANCE) run --program build/static/x86_64/uhyve-ref --output $(WHEEL_REFERENCE) \
		--jobs $(JOBS)
	$(Q)$(CONFORMANCE) run --hypervisor uhyve --jobs $(JOBS) >build/bare/uhyve.log || test $$? = 1
	$(Q)unshare --mount $(DIST_PYTHON) mk/release/alone.py $(WHEEL) $(WHEEL_REFERENCE)/results.json --root $(BARE) \
		--uhyve $(UHYVE) $(UHYVE_RESULTS)
.PHONY: wheel-check bare-check

# The archive where it has nothing around it. Its SDK builds the examples, its VMM runs them.
UNPACKED := build/archive-check/uhyve-conformance-$(VERSION)
archive-check: dist ## a release's archive, unpacked elsewhere: complete, and its SDK builds guests
	$(Q)cd $(DIST) && sha256sum --quiet --check SHA256SUMS
	$(Q)rm -rf build/archive-check && mkdir -p build/archive-check
	$(Q)tar -C build/archive-check -xJf $(DIST)/uhyve-conformance-$(VERSION).tar.xz
	$(Q)for file in include/uhyve_interface/calls.h interface.json sdk/hello.c sdk/uhyve.mk \
		spec/index.html spec/requirements.json man/uhyve-ref.1 LICENSE-MIT LICENSE-APACHE \
		README.md CHANGELOG.md docs/first-guest.md guests.lock bin/aarch64/uhyve-ref \
		guests/x86_64/exit-basic.elf guests/aarch64/exit-basic.elf; do \
		test -s $(UNPACKED)/$$file || { echo "the archive has no $$file"; exit 1; }; done
	$(Q)build/venv/bin/python -c 'import json, sys; assert json.load(open(sys.argv[1]))["requirements"]' \
		$(UNPACKED)/spec/requirements.json
	$(Q)for arch in x86_64 aarch64; do \
		diff -rq --exclude=lib --exclude='*.d' build/guests/$$arch $(UNPACKED)/guests/$$arch | grep '\.elf' && exit 1; \
		test "$$(ls $(UNPACKED)/guests/$$arch | wc -l)" -gt 200 || exit 1; done
	$(Q)$(UNPACKED)/sdk/check.sh $(UNPACKED)/sdk build/archive-check/work \
		$(if $(filter x86_64,$(KVM_HERE)),$(UNPACKED)/bin/x86_64/uhyve-ref,none)
.PHONY: archive-check

# What others put into their CI: linted, and its steps run as a runner runs them.
ACTIONLINT := v1.7.7
build/tools/bin/actionlint: build/tools/stamp
	$(call say,GO,actionlint $(ACTIONLINT))
	$(Q)GOBIN=$(CURDIR)/build/tools/bin GOFLAGS=-mod=mod go install \
		github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT)
ci-check: dist build/tools/bin/actionlint ## the action for GitHub and the job for GitLab, in a shell
	$(Q)build/tools/bin/python -B mk/release/ci.py $(WHEEL) build/ci-check
.PHONY: ci-check
