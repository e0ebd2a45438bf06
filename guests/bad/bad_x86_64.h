/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Mistakes that only a guest of x86-64 can make, for bad.c; and its entry. */
#ifndef BAD_X86_64_H
#define BAD_X86_64_H

/* A number in DX, EAX and RDI, and the instruction. */
#define OUT_FORM(instruction, number, argument)                                \
	__asm__ volatile(instruction                                           \
			 :                                                     \
			 : "d"((uint16_t)(number)), "a"(0),                    \
			   "D"((uint64_t)(argument))                           \
			 : "memory")

BAD(argument_in_rax)
{
	close_block = (struct uhyve_close_params){1, UNANSWERED};
	__asm__ volatile("outl %%eax, %%dx"
			 :
			 : "d"((uint16_t)UHYVE_FILE_CLOSE), "D"(0),
			   "a"(at(&close_block))
			 : "memory");
}

BAD(out_8)
{
	close_block = (struct uhyve_close_params){1, UNANSWERED};
	OUT_FORM("outb %%al, %%dx", UHYVE_FILE_CLOSE, at(&close_block));
}

BAD(out_16)
{
	close_block = (struct uhyve_close_params){1, UNANSWERED};
	OUT_FORM("outw %%ax, %%dx", UHYVE_FILE_CLOSE, at(&close_block));
}

BAD(out_string)
{
	static const uint32_t word;
	const uint32_t *from = &word;
	close_block = (struct uhyve_close_params){1, UNANSWERED};
	__asm__ volatile("outsl"
			 : "+S"(from)
			 : "d"((uint16_t)UHYVE_FILE_CLOSE),
			   "D"(at(&close_block))
			 : "memory");
}

BAD(in_8)
{
	uint8_t value;
	__asm__ volatile("inb %%dx, %%al"
			 : "=a"(value)
			 : "d"((uint16_t)UHYVE_SERIAL_READ_BYTE)
			 : "memory");
}

BAD(low_bits_of_a_number)
{
	uhyve_call_block(UHYVE_FILE_CLOSE + 2, &close_block);
}

BAD(another_port)
{
	uhyve_call_block(0x110, &close_block);
}

BAD(number_of_version_1)
{
	close_block = (struct uhyve_close_params){1, UNANSWERED};
	__asm__ volatile("outl %%eax, %%dx"
			 :
			 : "d"((uint16_t)UHYVE_V1_FILE_CLOSE),
			   "a"((uint32_t)at(&close_block)), "D"(0)
			 : "memory");
}

BAD(network_of_version_1)
{
	uhyve_call_block(UHYVE_V1_NETSTAT, bytes);
}

BAD(byte_to_serial_base)
{
	__asm__ volatile("outb %%al, %%dx"
			 :
			 : "d"((uint16_t)UHYVE_SERIAL_WRITE_BUFFER), "a"('x'),
			   "D"(at(&write_block))
			 : "memory");
}

BAD(clobber_missing)
{
	struct uhyve_open_params block = {
		{at("/data/f")}, UHYVE_O_RDONLY, 0, UNANSWERED};
	__asm__ volatile("outl %%eax, %%dx"
			 :
			 : "d"((uint16_t)UHYVE_FILE_OPEN), "a"(0),
			   "D"(at(&block)));
	close_of(block.ret);
}

BAD(result_in_eax)
{
	int32_t fd;
	open_block = (struct uhyve_open_params){
		{at("/data/f")}, UHYVE_O_RDONLY, 0, UNANSWERED};
	__asm__ volatile("outl %%eax, %%dx"
			 : "=a"(fd)
			 : "d"((uint16_t)UHYVE_FILE_OPEN), "a"(0x1110),
			   "D"(at(&open_block))
			 : "memory");
	read_from(fd, at(bytes), 1);
}

/* The root of the page tables names itself in its last entry. */
BAD(virtual_pointer)
{
	write_to(1, 0xfffffffffffff000, 1);
}

BAD(page_tables_written)
{
	volatile uint64_t *root = (volatile uint64_t *)page_table_root();
	for (unsigned i = 0; i < 512; i++)
		root[i] = 0;
	__asm__ volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" ::: "rax");
}

/* The last entry of the root leads nowhere: the guest does not notice. */
BAD(page_tables_spoilt)
{
	((volatile uint64_t *)page_table_root())[511] = 0x123456789abcdef;
}

BAD(sse)
{
	__asm__ volatile("movaps %%xmm0, %0" : "=m"(*(__int128 *)bytes));
}

BAD(halted)
{
	__asm__ volatile("1: cli; hlt; jmp 1b");
}

/* ---- The entry ---- */

/* What it asks for the choice uses a stack of its own. */
__asm__(".text\n"
	".globl bad_start\n"
	"bad_start:\n"
	"	mov %rsp, %rbx\n"
	"	mov %rdi, %r12\n"
	"	mov %rsi, %r13\n"
	"	lea bad_stack_end(%rip), %rsp\n"
	"	call guest_variant\n"
	"	mov %r12, %rdi\n"
	"	mov %r13, %rsi\n"
	"	cmp $1, %eax\n"
	"	je 1f\n"
	"	cmp $2, %eax\n"
	"	je 2f\n"
	"	mov %rbx, %rsp\n"
	"	jmp _start\n"
	"1:	mov %rbx, %rsp\n"
	"	jmp mistake_entry_stack\n"
	"2:	mov %rsi, %rdi\n"
	"	call mistake_one_stack_for_all\n");

#endif
