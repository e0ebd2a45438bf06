# The pages of docs/, followed literally.

DOCS := $(wildcard docs/*.md)
docs-check: build/venv/stamp build/uhyve-ref build/uhyve-ref-freedoms build/minimal/minimal guests-x86_64 ## runs every command block of docs/
	$(Q)$(if $(filter x86_64,$(KVM_HERE)),$(PYTHON) mk/docs.py $(DOCS_OPTIONS) build/docs $(DOCS),\
		echo '0 passed, 0 failed, $(words $(DOCS)) skipped: no KVM here')
docs-write: DOCS_OPTIONS = --write
docs-write: docs-check ## does the same, and writes new scores into the pages
.PHONY: docs-check docs-write
