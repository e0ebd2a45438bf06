# The proof of the range rule; not part of what a build needs.

prove: ## proves gmem.c for all inputs (Frama-C), and refuses planted bugs
	$(Q)reference-vmm/proof/prove.sh build/prove
models: ## checks end and descriptors of a virtual machine over all interleavings (SPIN)
	$(Q)reference-vmm/proof/models.sh build/models
.PHONY: prove models
