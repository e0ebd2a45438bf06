# The proof of the range rule; not part of what a build needs.

prove: ## proves gmem.c for all inputs (Frama-C), planted bugs are refused
	$(Q)reference-vmm/proof/prove.sh build/prove
.PHONY: prove
