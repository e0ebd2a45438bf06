/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* registers.h on riscv64. T0 (X5) holds the number, A0 (X10) the argument. */
	.text
	.globl registers_call
registers_call:
	addi sp, sp, -128
	sd ra, 0(sp)
	sd gp, 8(sp)
	sd tp, 16(sp)
	sd s0, 24(sp)
	sd s1, 32(sp)
	sd s2, 40(sp)
	sd s3, 48(sp)
	sd s4, 56(sp)
	sd s5, 64(sp)
	sd s6, 72(sp)
	sd s7, 80(sp)
	sd s8, 88(sp)
	sd s9, 96(sp)
	sd s10, 104(sp)
	sd s11, 112(sp)
	lla t1, registers_before
	slli a0, a0, 48
	srli a0, a0, 48
	sd zero, 0(t1)
	sd sp, 16(t1)
	sd a0, 40(t1)
	sd a1, 80(t1)
	ld x1, 8(t1)
	ld x3, 24(t1)
	ld x4, 32(t1)
	ld x5, 40(t1)
	ld x7, 56(t1)
	ld x8, 64(t1)
	ld x9, 72(t1)
	ld x10, 80(t1)
	ld x11, 88(t1)
	ld x12, 96(t1)
	ld x13, 104(t1)
	ld x14, 112(t1)
	ld x15, 120(t1)
	ld x16, 128(t1)
	ld x17, 136(t1)
	ld x18, 144(t1)
	ld x19, 152(t1)
	ld x20, 160(t1)
	ld x21, 168(t1)
	ld x22, 176(t1)
	ld x23, 184(t1)
	ld x24, 192(t1)
	ld x25, 200(t1)
	ld x26, 208(t1)
	ld x27, 216(t1)
	ld x28, 224(t1)
	ld x29, 232(t1)
	ld x30, 240(t1)
	ld x31, 248(t1)
	ld x6, 48(t1)
	sd a0, 0(t0)
	sd t1, -16(sp)
	lla t1, registers_after
	sd x0, 0(t1)
	sd x1, 8(t1)
	sd x2, 16(t1)
	sd x3, 24(t1)
	sd x4, 32(t1)
	sd x5, 40(t1)
	sd x7, 56(t1)
	sd x8, 64(t1)
	sd x9, 72(t1)
	sd x10, 80(t1)
	sd x11, 88(t1)
	sd x12, 96(t1)
	sd x13, 104(t1)
	sd x14, 112(t1)
	sd x15, 120(t1)
	sd x16, 128(t1)
	sd x17, 136(t1)
	sd x18, 144(t1)
	sd x19, 152(t1)
	sd x20, 160(t1)
	sd x21, 168(t1)
	sd x22, 176(t1)
	sd x23, 184(t1)
	sd x24, 192(t1)
	sd x25, 200(t1)
	sd x26, 208(t1)
	sd x27, 216(t1)
	sd x28, 224(t1)
	sd x29, 232(t1)
	sd x30, 240(t1)
	sd x31, 248(t1)
	ld t0, -16(sp)
	sd t0, 48(t1)
	lla t1, registers_before
	ld sp, 16(t1)
	ld ra, 0(sp)
	ld gp, 8(sp)
	ld tp, 16(sp)
	ld s0, 24(sp)
	ld s1, 32(sp)
	ld s2, 40(sp)
	ld s3, 48(sp)
	ld s4, 56(sp)
	ld s5, 64(sp)
	ld s6, 72(sp)
	ld s7, 80(sp)
	ld s8, 88(sp)
	ld s9, 96(sp)
	ld s10, 104(sp)
	ld s11, 112(sp)
	addi sp, sp, 128
	ret

	.globl call_then_count
call_then_count:
	slli t0, a0, 48
	srli t0, t0, 48
	mv a0, a1
	li t1, 0
	sd a0, 0(t0)
	addi t1, t1, 1
	addi t1, t1, 1
	addi t1, t1, 1
	addi t1, t1, 1
	mv a0, t1
	ret

	.globl call_then_load
call_then_load:
	slli t0, a0, 48
	srli t0, t0, 48
	mv a0, a1
	sd a0, 0(t0)
	lw a0, 0(a2)
	ret

	.globl read_number
read_number:
	slli t0, a0, 48
	srli t0, t0, 48
	mv a0, a1
	lw a0, 0(t0)
	ret

	.bss
	.balign 8
	.globl registers_before, registers_after
	.hidden registers_before, registers_after
registers_before:
	.skip 256
registers_after:
	.skip 256

	.section .note.GNU-stack, "", %progbits
