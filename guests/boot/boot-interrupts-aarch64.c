/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Timer, WFI and interrupts between vCPUs, set up as Hermit does it: from the
 * device tree, by redistributor and system registers.
 */
#include "cpus.h"
#include "fdt.h"

GUEST(
	summary = "the interrupt controller, the virtual timer, interrupts between vCPUs",
	arch = ["aarch64"],
	needs = ["smp"],
	variants = { "2" = { vcpus = 2 }, "8" = { vcpus = 8 } }
)

#define ICC_PMR "S3_0_C4_C6_0"
#define ICC_SGI1R "S3_0_C12_C11_5"
#define ICC_SRE "S3_0_C12_C12_5"
#define ICC_IGRPEN1 "S3_0_C12_C12_7"

/* Distributor: affinity routing, group 1. */
#define GICD_CTLR 0x0
#define GICD_ARE_GROUP1 0x12u
/* Redistributor, and its page of SGIs and PPIs. */
#define GICR_SIZE 0x20000u
#define GICR_TYPER 0x8
#define GICR_WAKER 0x14
#define WAKER_SLEEPS 0x2u
#define WAKER_CHILDREN_SLEEP 0x4u
#define GICR_SGIS 0x10000
#define GICR_IGROUPR0 (GICR_SGIS + 0x80)
#define GICR_ISENABLER0 (GICR_SGIS + 0x100)
#define GICR_IPRIORITYR (GICR_SGIS + 0x400)

#define SGI 1u /* Hermit's, to reschedule */
#define PPI_FIRST 16u
#define TYPE_PPI 1u
#define NONE 1023u
#define ALL_AFFINITIES UINT64_C(0xff00ffffff)

#define READ(name)                                                             \
	({                                                                     \
		uint64_t value_;                                               \
		__asm__ volatile("mrs %0, " name : "=r"(value_)::"memory");    \
		value_;                                                        \
	})
#define WRITE(name, value)                                                     \
	__asm__ volatile("msr " name ", %0\n\tisb"                             \
			 :                                                     \
			 : "r"((uint64_t)(value))                              \
			 : "memory")

static uint64_t distributor, redistributors, redistributors_size;
static uint32_t timer_interrupt;
static volatile uint32_t ready, woken[GUEST_MAX_CPUS];
static volatile uint64_t affinities[GUEST_MAX_CPUS];
/* The interrupt that each vCPU took last, by its number. */
volatile uint32_t taken[GUEST_MAX_CPUS] __attribute__((aligned(8)));

/* IRQ at EL1: TPIDR_EL1 is where the number goes; the timer is switched off. */
void vectors(void);
__asm__("	.balign 2048\n"
	"vectors:\n"
	"	.space 0x280\n"
	"	stp x0, x1, [sp, #-16]!\n"
	"	mrs x0, S3_0_C12_C12_0\n"
	"	mrs x1, tpidr_el1\n"
	"	str w0, [x1]\n"
	"	msr cntv_ctl_el0, xzr\n"
	"	isb\n"
	"	msr S3_0_C12_C12_1, x0\n"
	"	ldp x0, x1, [sp], #16\n"
	"	eret\n"
	"	.balign 2048\n");

/* In the plain forms: KVM describes no store with write-back to a device. */
static void device_write(uint64_t address, uint32_t value)
{
	__asm__ volatile("str %w0, [%1]"
			 :
			 : "r"(value), "r"(address)
			 : "memory");
}

static uint32_t device_read(uint64_t address)
{
	uint32_t value;
	__asm__ volatile("ldr %w0, [%1]"
			 : "=r"(value)
			 : "r"(address)
			 : "memory");
	return value;
}

static uint64_t reg(unsigned cpu, uint64_t offset)
{
	return redistributors + cpu * GICR_SIZE + offset;
}

static bool find_controller(void)
{
	uint32_t len;
	const char *value = fdt_property("/intc", "reg", &len);
	if (!value || len < 32)
		return false;
	distributor = fdt_u64(value);
	redistributors = fdt_u64(value + 16);
	redistributors_size = fdt_u64(value + 24);
	map_device(distributor, fdt_u64(value + 8));
	map_device(redistributors, boot_info->num_cpus * GICR_SIZE);
	return true;
}

/* As the kernel does it for each vCPU. */
static void set_up(unsigned cpu)
{
	WRITE("vbar_el1", (uintptr_t)vectors);
	WRITE("tpidr_el1", (uintptr_t)&taken[cpu]);
	taken[cpu] = NONE;
	device_write(reg(cpu, GICR_WAKER),
		     device_read(reg(cpu, GICR_WAKER)) & ~WAKER_SLEEPS);
	while (device_read(reg(cpu, GICR_WAKER)) & WAKER_CHILDREN_SLEEP)
		;
	device_write(reg(cpu, GICR_IGROUPR0), UINT32_MAX);
	for (unsigned i = 0; i < 8; i++)
		device_write(reg(cpu, GICR_IPRIORITYR) + i * 4, 0);
	device_write(reg(cpu, GICR_ISENABLER0),
		     1u << SGI | 1u << timer_interrupt);
	WRITE(ICC_SRE, READ(ICC_SRE) | 1);
	WRITE(ICC_PMR, 0xff);
	WRITE(ICC_IGRPEN1, 1);
	affinities[cpu] = READ("mpidr_el1") & ALL_AFFINITIES;
}

/* Sleeps until an interrupt has been taken; WFI also ends for a masked one. */
static uint32_t wait_for_interrupt(unsigned cpu)
{
	while (taken[cpu] == NONE)
		__asm__ volatile("wfi\n\tmsr daifclr, #2\n\tisb\n\t"
				 "msr daifset, #2" ::
					 : "memory");
	uint32_t number = taken[cpu];
	taken[cpu] = NONE;
	return number;
}

void guest_cpu_main(unsigned cpu)
{
	while (!observe(&ready))
		;
	set_up(cpu);
	cpu_arrive();
	if (wait_for_interrupt(cpu) == SGI)
		publish(&woken[cpu], 1);
	guest_park();
}

static void check_timer_node(const char *interrupts, uint32_t len)
{
	if (!expect(interrupts && len >= 48))
		return;
	expect_eq(fdt_u32(interrupts + 24), TYPE_PPI);
	timer_interrupt = PPI_FIRST + fdt_u32(interrupts + 28);
	expect_between(timer_interrupt, PPI_FIRST, 31);
	expect_one_of(fdt_u32(interrupts + 32) & 15, 4, 8);
}

void guest_main(void)
{
	const unsigned counts[] = {2, 8}, count = FOR_VARIANT(counts);
	uint32_t len;
	const char *value;
	TEST("UHY-BOOT-129", "its third interrupt") {
		value = fdt_property("/timer", "compatible", &len);
		expect(value && fdt_list_has(value, len, "arm,armv8-timer"));
		value = fdt_property("/timer", "interrupts", &len);
		check_timer_node(value, len);
	}
	TEST("UHY-BOOT-127", "compatible and reg of /intc") {
		value = fdt_property("/intc", "compatible", &len);
		expect(value && len >= 11 &&
		       fdt_list_has(value, 11, "arm,gic-v3"));
		expect(find_controller());
		expect(redistributors_size >= count * GICR_SIZE);
	}
	device_write(distributor + GICD_CTLR, GICD_ARE_GROUP1);
	set_up(0);
	publish(&ready, 1);
	TEST("UHY-BOOT-128", "affinities in GICR_TYPER") {
		for (unsigned cpu = 0; cpu < count; cpu++)
			expect_eq(device_read(reg(cpu, GICR_TYPER) + 4), cpu);
	}
	TEST("UHY-BOOT-124", "MPIDR_EL1 of each vCPU") {
		expect(cpus_arrived(count - 1));
		for (unsigned cpu = 0; cpu < count; cpu++)
			expect_eq(affinities[cpu], cpu);
	}
	TEST("UHY-BOOT-131", "CNTFRQ_EL0") {
		expect(READ("cntfrq_el0") != 0);
	}
	TEST("UHY-BOOT-126", "a fiftieth of a second") {
		uint64_t deadline =
			READ("cntvct_el0") + READ("cntfrq_el0") / 50;
		WRITE("cntv_cval_el0", deadline);
		WRITE("cntv_ctl_el0", 1);
		expect_eq(wait_for_interrupt(0), timer_interrupt);
		expect(READ("cntvct_el0") >= deadline);
	}
	TEST("UHY-BOOT-125", "each vCPU is woken by its own") {
		for (unsigned cpu = 1; cpu < count; cpu++) {
			WRITE(ICC_SGI1R, (uint64_t)SGI << 24 | 1u << cpu);
			expect(wait_for(&woken[cpu], 1));
		}
	}
}
