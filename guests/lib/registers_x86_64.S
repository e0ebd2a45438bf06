/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* registers.h on x86-64. */
	.text
	.globl registers_call
registers_call:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	lea registers_before(%rip), %rax
	movzwl %di, %edi
	mov %rdi, 16(%rax)
	mov %rsi, 56(%rax)
	mov %rsp, 32(%rax)
	mov 8(%rax), %rcx
	mov 16(%rax), %rdx
	mov 24(%rax), %rbx
	mov 40(%rax), %rbp
	mov 48(%rax), %rsi
	mov 56(%rax), %rdi
	mov 64(%rax), %r8
	mov 72(%rax), %r9
	mov 80(%rax), %r10
	mov 88(%rax), %r11
	mov 96(%rax), %r12
	mov 104(%rax), %r13
	mov 112(%rax), %r14
	mov 120(%rax), %r15
	push 128(%rax)
	mov (%rax), %rax
	popfq
	outl %eax, %dx
	mov %rax, registers_after(%rip)
	mov %rcx, registers_after+8(%rip)
	mov %rdx, registers_after+16(%rip)
	mov %rbx, registers_after+24(%rip)
	mov %rsp, registers_after+32(%rip)
	mov %rbp, registers_after+40(%rip)
	mov %rsi, registers_after+48(%rip)
	mov %rdi, registers_after+56(%rip)
	mov %r8, registers_after+64(%rip)
	mov %r9, registers_after+72(%rip)
	mov %r10, registers_after+80(%rip)
	mov %r11, registers_after+88(%rip)
	mov %r12, registers_after+96(%rip)
	mov %r13, registers_after+104(%rip)
	mov %r14, registers_after+112(%rip)
	mov %r15, registers_after+120(%rip)
	mov registers_before+32(%rip), %rsp
	pushfq
	pop registers_after+128(%rip)
	cld
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

	.globl call_then_count
call_then_count:
	mov %edi, %edx
	mov %rsi, %rdi
	xor %eax, %eax
	outl %eax, %dx
	inc %rax
	inc %rax
	inc %rax
	inc %rax
	ret

	.globl call_then_load
call_then_load:
	mov %rdx, %rcx
	mov %edi, %edx
	mov %rsi, %rdi
	outl %eax, %dx
	mov (%rcx), %eax
	ret

	.globl read_number
read_number:
	mov %edi, %edx
	mov %rsi, %rdi
	inl %dx, %eax
	ret

	.bss
	.balign 8
	.globl registers_before, registers_after
	.hidden registers_before, registers_after
registers_before:
	.skip 136
registers_after:
	.skip 136

	.section .note.GNU-stack, "", @progbits
