# The proof of the range rule; not part of what a build needs.

prove: ## proves gmem.c for all inputs (Frama-C), planted bugs are refused
	$(Q)reference-vmm/proof/prove.sh build/prove
models: ## the end of a machine and the descriptors, over all interleavings (SPIN)
	$(Q)reference-vmm/proof/models.sh build/models
.PHONY: prove models
