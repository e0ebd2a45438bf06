/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* aarch64: what loader, layout and device tree must know. */
#include "../arch.h"

#include <elf.h>
#include <libfdt.h>
#include <linux/kvm.h>
#include <uhyve_interface/boot.h>

#include "platform.h"

/* Not in every <elf.h>. */
#ifndef R_AARCH64_RELATIVE
#define R_AARCH64_RELATIVE 1027
#endif

static const int needed_caps[] = {KVM_CAP_ARM_PSCI_0_2, KVM_CAP_DEVICE_CTRL, 0};

/* Program counter, translation tables, and why a guest ended. */
static const unsigned long run_ioctls[] = {KVM_GET_ONE_REG, 0};

const struct arch arch = {
	.name = "aarch64",
	.elf_machine = EM_AARCH64,
	.r_relative = R_AARCH64_RELATIVE,
	.r_abs64 = R_AARCH64_ABS64,
	.r_glob_dat = R_AARCH64_GLOB_DAT,
	/* Affinity 0 of KVM's vCPUs, and the targets of an SGI, end there. */
	.max_vcpus = 16,
	.v1_ram_first = UHYVE_V1_RAM_FIRST_AARCH64,
	.v1_ram_end = UHYVE_V1_RAM_END_AARCH64,
	.v1_random_end = UHYVE_RAM_FIRST,
	.has_pci = false,
	.entry_page_mask = ENTRY_TABLE,
	.entry_page = 0,
	.walks_write = false, /* software sets the access flag */
	.run_ioctls = run_ioctls,
	.needed_caps = needed_caps,
};

/* ---- Device tree --------------------------------------------------------- */

#define PPI 1        /* an interrupt of each processor */
#define LEVEL_HIGH 4 /* how it is signalled */

/* Builders give 0 or -FDT_ERR_*; the first error ends it. */
#define CHECK(call)                                                            \
	do {                                                                   \
		int error = (call);                                            \
		if (error)                                                     \
			return error;                                          \
	} while (0)

static int add_cells(void *fdt)
{
	CHECK(fdt_property_u32(fdt, "#address-cells", 2));
	return fdt_property_u32(fdt, "#size-cells", 2);
}

static int add_reg(void *fdt, const struct device_range *ranges, unsigned count)
{
	fdt64_t *reg;
	CHECK(fdt_property_placeholder(
		fdt, "reg", (int)(count * 2 * sizeof(*reg)), (void **)&reg));
	for (unsigned i = 0; i < count; i++) {
		*reg++ = cpu_to_fdt64(ranges[i].start);
		*reg++ = cpu_to_fdt64(ranges[i].size);
	}
	return 0;
}

static int add_interrupt_controller(void *fdt)
{
	static const struct device_range gic[] = {GIC_DISTRIBUTOR,
						  GIC_REDISTRIBUTORS};
	CHECK(fdt_begin_node(fdt, "intc@8000000"));
	CHECK(fdt_property_string(fdt, "compatible", "arm,gic-v3"));
	CHECK(fdt_property(fdt, "interrupt-controller", NULL, 0));
	CHECK(fdt_property_u32(fdt, "#interrupt-cells", 3));
	CHECK(add_cells(fdt));
	CHECK(fdt_property(fdt, "ranges", NULL, 0));
	CHECK(add_reg(fdt, gic, 2));
	return fdt_end_node(fdt);
}

/* Secure, non-secure, virtual and hypervisor timer, in this order. */
static int add_timer(void *fdt)
{
	static const uint32_t interrupts[] = {13, 14, 11, 10};
	fdt32_t cells[4 * 3];
	for (unsigned i = 0; i < 4; i++) {
		cells[3 * i] = cpu_to_fdt32(PPI);
		cells[3 * i + 1] = cpu_to_fdt32(interrupts[i]);
		cells[3 * i + 2] = cpu_to_fdt32(LEVEL_HIGH);
	}
	CHECK(fdt_begin_node(fdt, "timer"));
	CHECK(fdt_property(fdt, "interrupts", cells, sizeof(cells)));
	CHECK(fdt_property(fdt, "always-on", NULL, 0));
	CHECK(fdt_property_string(fdt, "compatible", "arm,armv8-timer"));
	return fdt_end_node(fdt);
}

int arch_devicetree(void *fdt)
{
	CHECK(add_interrupt_controller(fdt));
	return add_timer(fdt);
}

int arch_devicetree_cpu(void *fdt)
{
	return fdt_property_string(fdt, "compatible", "arm,cortex-a72");
}
