/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Timer, HLT and interrupts between vCPUs, by the local APIC in x2APIC mode: no
 * page has to be mapped for it. A waiting vCPU continues at a given place; there
 * is no IRET, which a KVM that interprets the guest's kernel mode may lack.
 */
#include "cpus.h"
#include "test.h"

GUEST(
	summary = "timer, HLT and interrupts between vCPUs",
	arch = ["x86_64"],
	needs = ["smp"],
	variants = { "2" = { vcpus = 2 }, "8" = { vcpus = 8 } }
)

#define APIC_BASE 0x1b
#define X2APIC_ENABLED 0xc00
#define X2APIC_EOI 0x80b
#define X2APIC_SPURIOUS 0x80f
#define X2APIC_COMMAND 0x830
#define X2APIC_TIMER 0x832
#define TSC_DEADLINE 0x6e0
#define APIC_ON 0x100
#define MODE_TSC_DEADLINE (2u << 17)
#define VECTOR 0x40u

static uint64_t idt[2 * (VECTOR + 1)] __attribute__((aligned(16)));
static volatile uint32_t woken[GUEST_MAX_CPUS];
volatile uint32_t fired;

void on_interrupt(void);
__asm__("on_interrupt:\n"
	"	incl fired(%rip)\n"
	"	mov $0x80b, %ecx\n"
	"	xor %eax, %eax\n"
	"	xor %edx, %edx\n"
	"	wrmsr\n"
	"	mov %rbx, %rsp\n"
	"	jmp *%r12\n");

static void write_msr(uint32_t number, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(number), "a"((uint32_t)value),
			   "d"((uint32_t)(value >> 32))
			 : "memory");
}

static uint64_t counter(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static void set_up(void)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} idtr = {sizeof(idt) - 1, (uintptr_t)idt};
	uint64_t to = (uintptr_t)on_interrupt;
	/* Present, 64-bit interrupt gate, code selector 0x8. */
	idt[2 * VECTOR] = (to & 0xffff) | 0x8 << 16 | UINT64_C(0x8e00) << 32 |
			  (to >> 16 & 0xffff) << 48;
	idt[2 * VECTOR + 1] = to >> 32;
	__asm__ volatile("lidt %0" : : "m"(idtr));
	write_msr(APIC_BASE, 0xfee00000 | X2APIC_ENABLED);
	write_msr(X2APIC_SPURIOUS, APIC_ON | 0xff);
}

/* Halts until the interrupt has come. */
static void wait_for_interrupt(void)
{
	__asm__ volatile("mov %%rsp, %%rbx\n"
			 "lea 1f(%%rip), %%r12\n"
			 "sti\n"
			 "0: hlt\n"
			 "jmp 0b\n"
			 "1: cli\n"
			 :
			 :
			 : "rax", "rbx", "rcx", "rdx", "r12", "memory", "cc");
}

void guest_cpu_main(unsigned cpu)
{
	set_up();
	cpu_arrive();
	wait_for_interrupt();
	publish(&woken[cpu], 1);
	guest_park();
}

void guest_main(void)
{
	const unsigned counts[] = {2, 8}, count = FOR_VARIANT(counts);
	set_up();
	TEST("UHY-BOOT-111", "TSC-deadline timer ends HLT") {
		uint64_t deadline = counter() + 20000000;
		write_msr(X2APIC_TIMER, MODE_TSC_DEADLINE | VECTOR);
		write_msr(TSC_DEADLINE, deadline);
		wait_for_interrupt();
		expect_eq(fired, 1);
		expect(counter() >= deadline);
	}
	TEST("UHY-BOOT-112", "each other vCPU halts until it is interrupted") {
		expect(cpus_arrived(count - 1));
		for (unsigned cpu = 1; cpu < count; cpu++) {
			write_msr(X2APIC_COMMAND, (uint64_t)cpu << 32 | VECTOR);
			expect(wait_for(&woken[cpu], 1));
			expect_eq(fired, cpu + 1);
		}
	}
}
