/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Entry of every vCPU: A0 is the number of the vCPU, A1 the boot information. SP
 * is the end of the stack that the hypervisor gives, and all vCPUs get the same
 * one: it is replaced before anything is stored there. What each vCPU found is
 * kept in uhyve_entries: SP, 0, boot information, number. A number that came
 * before would share a stack: such a vCPU is parked, and counted.
 */
#include <uhyve_interface/v2.h>

#include "start.h"

	.text
	.globl _start
_start:
	li t0, UHYVE_MAX_CPUS
	bgeu a0, t0, 2f
	/* One bit for each number: atomic operations have no bytes. */
	li t0, 1
	sll t0, t0, a0
	lla t1, uhyve_started
	amoor.d.aqrl t2, t0, (t1)
	and t2, t2, t0
	bnez t2, 2f
	lla t1, uhyve_entries
	slli t0, a0, 5
	add t1, t1, t0
	sd sp, 0(t1)
	sd zero, 8(t1)
	sd a1, 16(t1)
	sd a0, 24(t1)
	addi t0, a0, 1
	li t1, UHYVE_STACK_SIZE
	mul t0, t0, t1
	lla sp, uhyve_stacks
	add sp, sp, t0
	mv s0, zero
	bnez a0, 1f
	mv a0, a1
	call uhyve_main
	slli a0, a0, 32
	srli a0, a0, 32
	li t0, UHYVE_EXIT
	sd a0, 0(t0)
	j uhyve_park
2:	lla t0, uhyve_turned_away
	li t1, 1
	amoadd.w zero, t1, (t0)
	j uhyve_park
1:	call uhyve_cpu_main
	.weak uhyve_cpu_main
	.hidden uhyve_cpu_main
uhyve_cpu_main:
	.globl uhyve_park
	.hidden uhyve_park
uhyve_park:
	wfi
	j uhyve_park

	.if UHYVE_MAX_CPUS > 64
	.error "there are bits for 64 vCPUs"
	.endif

	.bss
	.balign 16
	.globl uhyve_entries
	.hidden uhyve_entries
uhyve_entries:
	.skip UHYVE_MAX_CPUS * 32
uhyve_started:
	.skip 8
	.globl uhyve_turned_away
	.hidden uhyve_turned_away
uhyve_turned_away:
	.skip 4
	.balign 16
uhyve_stacks:
	.skip UHYVE_MAX_CPUS * UHYVE_STACK_SIZE

	.section .note.GNU-stack, "", %progbits
