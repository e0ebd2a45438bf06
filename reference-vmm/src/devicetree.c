/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The device tree that a guest reads its memory, mounts, processors and
 * command line from (UHY-BOOT-080 to 089). Nodes come in uhyve's order.
 */
#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>
#include <uhyve_interface/boot.h>

#include "arch.h"
#include "boot.h"

/* Builders give 0 or -FDT_ERR_*; the first error ends it. */
#define CHECK(call)                                                            \
	do {                                                                   \
		int error = (call);                                            \
		if (error)                                                     \
			return error;                                          \
	} while (0)

/* value is shorter than UHYVE_BOOT_FDT_MAX. */
static int add_string(void *fdt, const char *name, const char *value)
{
	return fdt_property(fdt, name, value, (int)strlen(value) + 1);
}

static int add_memory(void *fdt, const struct boot *boot)
{
	fdt64_t reg[2] = {cpu_to_fdt64(boot->ram_start),
			  cpu_to_fdt64(boot->ram_size)};
	char name[32];
	snprintf(name, sizeof(name), "memory@%" PRIx64, boot->ram_start);
	CHECK(fdt_begin_node(fdt, name));
	CHECK(add_string(fdt, "device_type", "memory"));
	CHECK(fdt_property(fdt, "reg", reg, sizeof(reg)));
	return fdt_end_node(fdt);
}

/* One property with all directories, a NUL after each. */
static int add_mounts(void *fdt, const struct boot_facts *facts)
{
	size_t total = 0;
	for (unsigned i = 0; i < facts->mount_count; i++)
		total += strlen(facts->mounts[i]) + 1;
	if (total == 0)
		return 0;
	if (total > UHYVE_BOOT_FDT_MAX)
		return -FDT_ERR_NOSPACE;
	CHECK(fdt_begin_node(fdt, "uhyve,mounts"));
	void *at;
	CHECK(fdt_property_placeholder(fdt, "mounts", (int)total, &at));
	for (unsigned i = 0; i < facts->mount_count; i++) {
		size_t size = strlen(facts->mounts[i]) + 1;
		memcpy(at, facts->mounts[i], size);
		at = (char *)at + size;
	}
	return fdt_end_node(fdt);
}

static int add_cpus(void *fdt, unsigned cpus)
{
	CHECK(fdt_begin_node(fdt, "cpus"));
	CHECK(fdt_property_u32(fdt, "#address-cells", 1));
	CHECK(fdt_property_u32(fdt, "#size-cells", 0));
	for (unsigned i = 0; i < cpus; i++) {
		char name[32];
		snprintf(name, sizeof(name), "cpu@%u", i);
		CHECK(fdt_begin_node(fdt, name));
		CHECK(arch_devicetree_cpu(fdt));
		CHECK(add_string(fdt, "device_type", "cpu"));
		CHECK(fdt_end_node(fdt));
	}
	return fdt_end_node(fdt);
}

static int add_counter(void *fdt, uint32_t khz)
{
	if (khz == 0)
		return 0;
	CHECK(fdt_begin_node(fdt, "hermit,tsc"));
	CHECK(fdt_property_u32(fdt, "khz", khz));
	return fdt_end_node(fdt);
}

static int build(void *fdt, int size, const struct boot *boot,
		 const struct boot_facts *facts)
{
	if (strlen(facts->bootargs) >= UHYVE_BOOT_FDT_MAX)
		return -FDT_ERR_NOSPACE;
	CHECK(fdt_create(fdt, size));
	CHECK(fdt_finish_reservemap(fdt));
	CHECK(fdt_begin_node(fdt, ""));
	CHECK(add_string(fdt, "compatible", "hermit,uhyve"));
	CHECK(fdt_property_u32(fdt, "#address-cells", 2));
	CHECK(fdt_property_u32(fdt, "#size-cells", 2));
	CHECK(add_memory(fdt, boot));
	CHECK(add_mounts(fdt, facts));
	CHECK(add_cpus(fdt, facts->cpus));
	CHECK(arch_devicetree(fdt));
	CHECK(add_counter(fdt, facts->counter_khz));
	CHECK(fdt_begin_node(fdt, "chosen"));
	CHECK(add_string(fdt, "bootargs", facts->bootargs));
	CHECK(fdt_end_node(fdt));
	CHECK(fdt_end_node(fdt));
	return fdt_finish(fdt);
}

int devicetree_build(void *to, int size, const struct boot *boot,
		     const struct boot_facts *facts, struct why *why)
{
	int error = build(to, size, boot, facts);
	if (error == -FDT_ERR_NOSPACE)
		return refuse(why,
			      "arguments, environment, mappings and vCPUs do "
			      "not fit into the %d bytes of the device tree",
			      size);
	if (error)
		return refuse(why, "cannot build the device tree: %s",
			      fdt_strerror(error));
	return (int)fdt_totalsize(to);
}
