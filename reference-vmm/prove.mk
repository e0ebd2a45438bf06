# Proofs and models; not part of what a build needs.

PROVE := $(PYTHON) reference-vmm/proof/prove.py build/prove
prove: ## proves that files keep their contracts for all inputs (Frama-C), and refuses planted bugs
	$(Q)$(PROVE) $(OPTIONS)
prove-sample: ## proves the same of a few functions
	$(Q)$(PROVE) --sample --jobs 1
models: ## checks end and descriptors of a virtual machine over all interleavings (SPIN)
	$(Q)reference-vmm/proof/models.sh build/models
.PHONY: prove prove-sample models
