/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Entry of every vCPU: RDI is the boot information, RSI the number of the vCPU.
 * RSP is the lowest address of the stack that the hypervisor gives, and all
 * vCPUs get the same one: nothing may be pushed before it is replaced. What each
 * vCPU found is kept in uhyve_entries: RSP, RFLAGS, RDI, RSI. A number that came
 * before would share a stack: such a vCPU is parked, and counted.
 */
#include <uhyve_interface/v2.h>

#include "start.h"

	.text
	.globl _start
_start:
	cmp $UHYVE_MAX_CPUS, %esi
	jae 2f
	lock btsl %esi, uhyve_started(%rip)
	jc 2f
	mov %rsp, %r8
	mov %esi, %eax
	inc %eax
	imul $UHYVE_STACK_SIZE, %eax, %eax
	lea uhyve_stacks(%rip), %rsp
	add %rax, %rsp
	pushfq
	pop %r9
	lea uhyve_entries(%rip), %r10
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
	call uhyve_main
	mov %eax, %edi
	mov $UHYVE_EXIT, %edx
	outl %eax, %dx
	jmp uhyve_park
2:	lock incl uhyve_turned_away(%rip)
	jmp uhyve_park
1:	mov %esi, %edi
	call uhyve_cpu_main
	.weak uhyve_cpu_main
	.hidden uhyve_cpu_main
uhyve_cpu_main:
	.globl uhyve_park
	.hidden uhyve_park
uhyve_park:
	cli
1:	hlt
	jmp 1b

	.bss
	.balign 16
	.globl uhyve_entries
	.hidden uhyve_entries
uhyve_entries:
	.skip UHYVE_MAX_CPUS * 32
	.globl uhyve_turned_away
	.hidden uhyve_turned_away
uhyve_turned_away:
	.skip 4
/* One bit for each number. */
uhyve_started:
	.skip (UHYVE_MAX_CPUS + 31) / 32 * 4
	.balign 16
uhyve_stacks:
	.skip UHYVE_MAX_CPUS * UHYVE_STACK_SIZE

	.section .note.GNU-stack, "", @progbits
