# Releases: what is handed out, the proof that it can be made again, and what is missing.
# mk/release/ does the work.

DIST := build/dist
DIST_PYTHON := build/venv/bin/python -B
DIST_NEEDS := build/venv/release guests-x86_64 guests-aarch64 build/interface.json \
	build/explore/x86_64/script.elf build/explore/aarch64/script.elf \
	build/machines/x86_64/init build/machines/aarch64/init \
	build/static/x86_64/uhyve-ref build/static/x86_64/uhyve-ref-freedoms \
	build/static/aarch64/uhyve-ref

build/venv/release: mk/release/requirements.txt build/venv/stamp
	$(call say,VENV,flit_core)
	$(Q)build/venv/bin/python -m pip --disable-pip-version-check --quiet install \
		--no-deps --requirement $<
	$(Q)touch $@

dist: $(DIST_NEEDS) ## wheel, archive and sources of a release with SHA256SUMS, build/dist
	$(Q)$(CONFORMANCE) spec --bare --output $(DIST)/spec/index.html
	$(Q)$(DIST_PYTHON) mk/release/dist.py $(DIST)

dist-check: dist ## builds the release twice, elsewhere and as another user: the same bytes?
	$(Q)$(DIST_PYTHON) mk/release/twice.py $(JOBS)

release-check: ## what is missing for a release of this version
	$(Q)$(PYTHON) mk/release/ready.py
.PHONY: dist dist-check release-check

# The checkout's verdicts come from the same program as those of the wheel.
WHEEL_REFERENCE := build/conformance/wheel-reference
wheel-check: dist ## the wheel alone, without compiler, make and checkout: the same verdicts?
	$(Q)$(CONFORMANCE) run --program build/static/x86_64/uhyve-ref --output $(WHEEL_REFERENCE) \
		--jobs $(JOBS)
	$(Q)$(DIST_PYTHON) mk/release/alone.py $(DIST)/uhyve_conformance-$(VERSION)-py3-none-any.whl \
		$(WHEEL_REFERENCE)/results.json
.PHONY: wheel-check
