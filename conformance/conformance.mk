# The harness: its virtual environment, the suite, the checks of the specification.

CONFORMANCE := build/venv/bin/python -m uhyve_conformance

# The stamp holds the date of the last installation; only a changed list of
# packages makes it stale.
build/venv/stamp: conformance/requirements.txt
	$(call say,VENV,build/venv)
	$(Q)rm -rf build/venv
	$(Q)$(PYTHON) -m venv build/venv
	$(Q)build/venv/bin/python -m pip --disable-pip-version-check --quiet install \
		--no-deps --requirement $<
	$(Q)echo "$(CURDIR)/conformance" > "$$(build/venv/bin/python -c \
		'import sysconfig; print(sysconfig.get_path("purelib"))')/uhyve_conformance.pth"
	$(Q)touch $@

venv: build/venv/stamp ## Python packages of the harness, in build/venv
.PHONY: venv
