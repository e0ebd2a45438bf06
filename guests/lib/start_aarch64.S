/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Entry of every vCPU: X0 is the boot information, X1 the number of the vCPU. */
#include "limits.h"

	.text
	.globl _start
_start:
	cmp w1, #GUEST_MAX_CPUS
	b.hs guest_park
	mov x11, sp
	adrp x10, guest_entries
	add x10, x10, :lo12:guest_entries
	ubfiz x9, x1, #5, #32
	add x10, x10, x9
	stp x11, xzr, [x10]
	stp x0, x1, [x10, #16]
	add w9, w1, #1
	mov w10, #GUEST_STACK_SIZE
	umull x9, w9, w10
	adrp x10, guest_stacks
	add x10, x10, :lo12:guest_stacks
	add x10, x10, x9
	mov sp, x10
	mov x29, xzr
	cbnz w1, 1f
	bl guest_start
1:	mov w0, w1
	bl guest_cpu_main
	.globl guest_park
	.hidden guest_park
guest_park:
	wfi
	b guest_park

	.section .note.GNU-stack, "", %progbits
