/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* registers.h on aarch64. X30 holds the number, X8 the argument. */
	.text
	.globl registers_call
registers_call:
	stp x19, x20, [sp, #-96]!
	stp x21, x22, [sp, #16]
	stp x23, x24, [sp, #32]
	stp x25, x26, [sp, #48]
	stp x27, x28, [sp, #64]
	stp x29, x30, [sp, #80]
	adrp x9, registers_before
	add x9, x9, :lo12:registers_before
	and x0, x0, #0xffff
	str x0, [x9, #240]
	str x1, [x9, #64]
	mov x10, sp
	str x10, [x9, #248]
	ldr x10, [x9, #256]
	msr nzcv, x10
	ldp x0, x1, [x9]
	ldp x2, x3, [x9, #16]
	ldp x4, x5, [x9, #32]
	ldp x6, x7, [x9, #48]
	ldr x8, [x9, #64]
	ldp x10, x11, [x9, #80]
	ldp x12, x13, [x9, #96]
	ldp x14, x15, [x9, #112]
	ldp x16, x17, [x9, #128]
	ldp x18, x19, [x9, #144]
	ldp x20, x21, [x9, #160]
	ldp x22, x23, [x9, #176]
	ldp x24, x25, [x9, #192]
	ldp x26, x27, [x9, #208]
	ldp x28, x29, [x9, #224]
	ldr x30, [x9, #240]
	ldr x9, [x9, #72]
	str x8, [x30]
	str x9, [sp, #-16]!
	adrp x9, registers_after
	add x9, x9, :lo12:registers_after
	stp x0, x1, [x9]
	stp x2, x3, [x9, #16]
	stp x4, x5, [x9, #32]
	stp x6, x7, [x9, #48]
	str x8, [x9, #64]
	stp x10, x11, [x9, #80]
	stp x12, x13, [x9, #96]
	stp x14, x15, [x9, #112]
	stp x16, x17, [x9, #128]
	stp x18, x19, [x9, #144]
	stp x20, x21, [x9, #160]
	stp x22, x23, [x9, #176]
	stp x24, x25, [x9, #192]
	stp x26, x27, [x9, #208]
	stp x28, x29, [x9, #224]
	str x30, [x9, #240]
	ldr x10, [sp], #16
	str x10, [x9, #72]
	mov x10, sp
	str x10, [x9, #248]
	mrs x10, nzcv
	str x10, [x9, #256]
	adrp x9, registers_before
	add x9, x9, :lo12:registers_before
	ldr x9, [x9, #248]
	mov sp, x9
	ldp x21, x22, [sp, #16]
	ldp x23, x24, [sp, #32]
	ldp x25, x26, [sp, #48]
	ldp x27, x28, [sp, #64]
	ldp x29, x30, [sp, #80]
	ldp x19, x20, [sp], #96
	ret

	.globl call_then_count
call_then_count:
	mov x8, x1
	and x9, x0, #0xffff
	mov x0, xzr
	str x8, [x9]
	add x0, x0, #1
	add x0, x0, #1
	add x0, x0, #1
	add x0, x0, #1
	ret

	.globl call_then_load
call_then_load:
	mov x8, x1
	and x9, x0, #0xffff
	str x8, [x9]
	ldr w0, [x2]
	ret

	.globl read_number
read_number:
	mov x8, x1
	and x9, x0, #0xffff
	ldr w0, [x9]
	ret

	.bss
	.balign 8
	.globl registers_before, registers_after
	.hidden registers_before, registers_after
registers_before:
	.skip 264
registers_after:
	.skip 264
