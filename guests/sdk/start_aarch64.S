/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Entry of every vCPU: X0 is the boot information, X1 the number of the vCPU. SP
 * is the lowest address of the stack that the hypervisor gives, and all vCPUs
 * get the same one: it is replaced before anything is stored there. What each
 * vCPU found is kept in uhyve_entries: SP, 0, X0, X1. A number that came before
 * would share a stack: such a vCPU is parked, and counted.
 */
#include <uhyve_interface/v2.h>

#include "start.h"

	.text
	.globl _start
_start:
	cmp w1, #UHYVE_MAX_CPUS
	b.hs 2f
	adrp x10, uhyve_started
	add x10, x10, :lo12:uhyve_started
	add x10, x10, w1, uxtw
	mov w9, #1
3:	ldaxrb w11, [x10]
	stlxrb w12, w9, [x10]
	cbnz w12, 3b
	cbnz w11, 2f
	mov x11, sp
	adrp x10, uhyve_entries
	add x10, x10, :lo12:uhyve_entries
	ubfiz x9, x1, #5, #32
	add x10, x10, x9
	stp x11, xzr, [x10]
	stp x0, x1, [x10, #16]
	add w9, w1, #1
	mov w10, #UHYVE_STACK_SIZE
	umull x9, w9, w10
	adrp x10, uhyve_stacks
	add x10, x10, :lo12:uhyve_stacks
	add x10, x10, x9
	mov sp, x10
	mov x29, xzr
	cbnz w1, 1f
	bl uhyve_main
	mov w8, w0
	mov x9, #UHYVE_EXIT
	str x8, [x9]
	b uhyve_park
2:	adrp x10, uhyve_turned_away
	add x10, x10, :lo12:uhyve_turned_away
3:	ldxr w9, [x10]
	add w9, w9, #1
	stxr w12, w9, [x10]
	cbnz w12, 3b
	b uhyve_park
1:	mov w0, w1
	bl uhyve_cpu_main
	.weak uhyve_cpu_main
	.hidden uhyve_cpu_main
uhyve_cpu_main:
	.globl uhyve_park
	.hidden uhyve_park
uhyve_park:
	wfi
	b uhyve_park

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
/* One byte for each number. */
uhyve_started:
	.skip UHYVE_MAX_CPUS
	.balign 16
uhyve_stacks:
	.skip UHYVE_MAX_CPUS * UHYVE_STACK_SIZE

	.section .note.GNU-stack, "", %progbits
