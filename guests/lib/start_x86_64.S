/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Entry of every vCPU: RDI is the boot information, RSI the number of the vCPU.
 * The stack that the hypervisor gives is not used, since RSP is its lowest
 * address (boot contract); every vCPU has one of its own here.
 */
#include "limits.h"

	.text
	.globl _start
_start:
	cmp $GUEST_MAX_CPUS, %esi
	jae park
	mov %rsp, %r8
	mov %esi, %eax
	inc %eax
	imul $GUEST_STACK_SIZE, %eax, %eax
	lea guest_stacks(%rip), %rsp
	add %rax, %rsp
	pushfq
	pop %r9
	lea guest_entries(%rip), %r10
	mov %esi, %eax
	shl $5, %eax
	add %rax, %r10
	mov %r8, (%r10)
	mov %r9, 8(%r10)
	mov %rdi, 16(%r10)
	mov %rsi, 24(%r10)
	xor %ebp, %ebp
	test %esi, %esi
	jnz 1f
	call guest_start
1:	mov %esi, %edi
	call guest_cpu_main
	.globl guest_park
	.hidden guest_park
guest_park:
park:	cli
	hlt
	jmp park

	.section .note.GNU-stack, "", @progbits
