/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Placement, boot information, device tree and command line of a guest. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <uhyve_interface/boot.h>

#include "arch.h"
#include "boot.h"
#include "fake.h"
#include "image_maker.h"
#if defined(__x86_64__)
#include "x86_64/cpuid.h"
#endif

#define MIB (UINT64_C(1) << 20)

static const char *const mounts[] = {"/data", "/etc/app"};
static const struct boot_facts facts = {.mounts = mounts,
					.mount_count = 2,
					.bootargs = "-v env=A=b -- x",
					.cpus = 3,
					.counter_khz = 1234567,
					.boot_time_ns = 42};

static struct image made_image(struct made_image *made)
{
	struct why why;
	image_make(made);
	struct image image = image_of(made, sizeof(*made));
	assert_int_equal(image_parse(&image, &why), 0);
	return image;
}

/* ---- Placement ----------------------------------------------------------- */

static void at_the_lowest_address(void **state)
{
	struct made_image made;
	struct image image = made_image(&made);
	struct boot boot;
	struct why why;
	(void)state;
	assert_int_equal(boot_place(&boot, &image, 64 * MIB, false, &why), 0);
	assert_int_equal(boot.ram_start, UHYVE_RAM_FIRST);
	assert_int_equal(boot.load, UHYVE_RAM_FIRST + UHYVE_BOOT_IMAGE);
	assert_int_equal(boot.image_start, boot.load);
	assert_int_equal(boot.image_end, boot.load + image.end);
	assert_int_equal(boot.entry, boot.load + image.entry);
	assert_int_equal(boot.stack, boot.load - UHYVE_BOOT_STACK_SIZE);
	assert_int_equal(boot.info, boot.ram_start + UHYVE_BOOT_INFO);
	image.interface = 1;
	assert_int_equal(boot_place(&boot, &image, 64 * MIB, false, &why), 0);
	assert_int_equal(boot.ram_start, arch.v1_ram_first);
	image_close(&image);
}

static void at_random(void **state)
{
	struct made_image made;
	struct image image = made_image(&made);
	struct boot boot, other;
	struct why why;
	bool differs = false;
	(void)state;
	assert_int_equal(boot_place(&other, &image, 64 * MIB, true, &why), 0);
	for (unsigned i = 0; i < 200; i++) {
		image.interface = i % 3 + 1;
		uint64_t first = image.interface == 1 ? arch.v1_ram_first
						      : UHYVE_RAM_FIRST;
		uint64_t end = image.interface == 1 ? arch.v1_random_end
						    : UHYVE_RAM_END;
		assert_int_equal(
			boot_place(&boot, &image, 2048 * MIB, true, &why), 0);
		assert_int_equal(boot.ram_start % UHYVE_RAM_ALIGN, 0);
		assert_in_range(boot.ram_start, first, end - 2048 * MIB);
		differs = differs || boot.ram_start != other.ram_start;
	}
	assert_true(differs);
	/* Kernels crash where their last page ends a gigabyte: 1 of 512. */
	for (unsigned i = 0; i < 20000; i++) {
		assert_int_equal(
			boot_place(&boot, &image, 64 * MIB, true, &why), 0);
		uint64_t pages = (boot.image_end + UHYVE_RAM_ALIGN - 1) /
				 UHYVE_RAM_ALIGN;
		assert_int_not_equal(pages % 512, 0);
	}
	/* All of the window is one place. */
	assert_int_equal(boot_place(&boot, &image,
				    UHYVE_RAM_END - UHYVE_RAM_FIRST, true,
				    &why),
			 0);
	assert_int_equal(boot.ram_start, UHYVE_RAM_FIRST);
	image_close(&image);
}

/* Not relocatable: at its own address, which must leave room in front. */
static void where_it_was_linked(void **state)
{
	struct made_image made;
	struct image image = made_image(&made);
	struct boot boot;
	struct why why;
	(void)state;
	image.relocatable = false;
	image.start = UHYVE_RAM_FIRST + UHYVE_BOOT_IMAGE;
	image.end = image.start + 0x5000;
	image.entry = image.start + 8;
	assert_int_equal(boot_place(&boot, &image, 16 * MIB, true, &why), 0);
	assert_int_equal(boot.ram_start, UHYVE_RAM_FIRST);
	assert_int_equal(boot.load, 0);
	assert_int_equal(boot.entry, image.start + 8);
	image.start -= 8;
	assert_int_equal(boot_place(&boot, &image, 16 * MIB, true, &why), -1);
	assert_non_null(strstr(why.text, "linked to 0x"));
	image.start = 0x400000;
	assert_int_equal(boot_place(&boot, &image, 16 * MIB, true, &why), -1);
	image_close(&image);
}

static void too_little_memory(void **state)
{
	struct made_image made;
	struct image image = made_image(&made);
	struct boot boot;
	struct why why;
	(void)state;
	image.end = 16 * MIB - UHYVE_BOOT_IMAGE;
	assert_int_equal(boot_place(&boot, &image, 16 * MIB, false, &why), 0);
	image.end++;
	assert_int_equal(boot_place(&boot, &image, 16 * MIB, false, &why), -1);
	assert_non_null(strstr(why.text, "--memory-size=18MiB"));
	image.end = UINT64_MAX;
	assert_int_equal(boot_place(&boot, &image, 16 * MIB, false, &why), -1);
	assert_int_equal(boot_place(&boot, &image, UINT64_MAX, false, &why),
			 -1);
	assert_non_null(strstr(why.text, "interface 3 can have"));
	image_close(&image);
}

/* ---- What is written ----------------------------------------------------- */

static void writes_everything(void **state)
{
	struct made_image made;
	struct image image = made_image(&made);
	struct boot boot;
	struct why why;
	struct uhyve_boot_info info, expected;
	(void)state;
	assert_int_equal(boot_place(&boot, &image, 16 * MIB, false, &why), 0);
	struct gmem ram = {calloc(1, 16 * MIB), boot.ram_start, 16 * MIB};
	assert_int_equal(boot_write(&boot, &image, &ram, &facts, &why), 0);

	memcpy(&info, ram.host + UHYVE_BOOT_INFO, sizeof(info));
	memset(&expected, 0, sizeof(expected)); /* padding, too */
	expected.ram_start = UHYVE_RAM_FIRST;
	expected.ram_end = UHYVE_RAM_FIRST + 16 * MIB;
	expected.serial_port_base = 0x1030;
	expected.device_tree.addr = UHYVE_RAM_FIRST + 0x1000;
	expected.image_start = UHYVE_RAM_FIRST + 0x40000;
	expected.image_end = expected.image_start + image.end;
	expected.tls_start = expected.image_start + MADE_SLOT(6);
	expected.tls_filesz = 16;
	expected.tls_memsz = 24;
	expected.tls_align = 8;
	expected.platform = 1;
	expected.has_pci = 1;
	expected.num_cpus = 3;
	expected.cpu_freq_khz = 1234567;
	expected.boot_time_ns_low = 42;
	assert_memory_equal(&info, &expected, sizeof(info));
	assert_int_equal(
		fdt_check_full(ram.host + UHYVE_BOOT_FDT, UHYVE_BOOT_FDT_MAX),
		0);
	assert_memory_equal(ram.host + UHYVE_BOOT_IMAGE, &made, MADE_AT(data));
	free(ram.host);
	image_close(&image);
}

#if defined(__x86_64__)
/* The entry for the page of 2 MiB at an address, 0 when there is none. */
static uint64_t page_entry(const struct gmem *ram, uint64_t address)
{
	uint64_t entry = ram->start + UHYVE_BOOT_PAGE_TABLES;

	for (unsigned shift = 39; shift >= 21 && entry; shift -= 9) {
		uint64_t at = (entry & ~UINT64_C(0xfff)) +
			      (address >> shift & 511) * 8;
		assert_int_equal(
			gmem_load(ram, (struct uhyve_gpa){at}, &entry, 8), 0);
	}
	return entry;
}

/* A host that offers everything: what is hidden, what stays. */
static void cpuid_of_a_rich_host(void **state)
{
	static const struct {
		uint32_t function, ecx, eax;
	} expected[] = {
		{0x1, ~(1u << 5 | 1u << 15), UINT32_MAX},
		{0x80000001, ~(1u << 2 | 1u << 23 | 1u << 24 | 1u << 28),
		 UINT32_MAX},
		{0xa, 0, 0},
		{0x8000000a, 0, 0},
		{0x80000022, 0, 0},
		{0x7, UINT32_MAX, UINT32_MAX},
		{0x40000001, UINT32_MAX, UINT32_MAX}, /* paravirtualization */
	};
	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct kvm_cpuid_entry2 entry = {.function =
							 expected[i].function,
						 .eax = UINT32_MAX,
						 .ebx = UINT32_MAX,
						 .ecx = UINT32_MAX,
						 .edx = UINT32_MAX};
		cpuid_adjust(&entry);
		assert_int_equal(entry.ecx, expected[i].ecx);
		assert_int_equal(entry.eax, expected[i].eax);
	}
	/* A processor with few features still has those that kernels rely on. */
	struct kvm_cpuid_entry2 poor = {.function = 1};
	cpuid_adjust(&poor);
	assert_int_equal(poor.ecx, 1u << 31 | 1u << 24);
	assert_int_equal(poor.edx, 1u << 5);
}

/* RAM from 4 MiB below a gigabyte to 12 MiB beyond it. */
static void maps_gigabytes_of_old_kernels(void **state)
{
	const uint64_t edge = UINT64_C(2) << 30, page = UHYVE_RAM_ALIGN;
	struct boot boot = {.ram_start = edge - 2 * page, .ram_size = 16 * MIB};
	struct gmem ram = {calloc(1, 16 * MIB), boot.ram_start, 16 * MIB};
	struct why why;
	(void)state;
	boot.image_start = boot.ram_start + UHYVE_BOOT_IMAGE;
	boot.image_end = boot.image_start + 0x10000;
	assert_int_equal(arch_boot_memory(&ram, &boot, &why), 0);
	assert_int_equal(page_entry(&ram, boot.ram_start),
			 boot.ram_start | 0x83);
	assert_int_equal(page_entry(&ram, edge - page), 0);

	memset(ram.host, 0, 16 * MIB);
	boot.whole_gigabytes = true;
	assert_int_equal(arch_boot_memory(&ram, &boot, &why), 0);
	assert_int_equal(page_entry(&ram, edge - page), (edge - page) | 0x83);
	/* They do not clear what they do not know of, so no more is mapped. */
	assert_int_equal(page_entry(&ram, edge), 0);

	/* What follows the image begins in the next gigabyte. */
	memset(ram.host, 0, 16 * MIB);
	boot.image_end = edge - page + 1;
	assert_int_equal(arch_boot_memory(&ram, &boot, &why), 0);
	assert_int_equal(page_entry(&ram, edge - page), (edge - page) | 0x83);
	assert_int_equal(page_entry(&ram, edge + (1 << 30) - page),
			 (edge + (1 << 30) - page) | 0x83);
	assert_int_equal(page_entry(&ram, edge + (1 << 30)), 0);
	free(ram.host);
}
#endif

/* A property that has exactly these bytes. */
static void assert_property(const void *fdt, const char *path, const char *name,
			    const void *bytes, int size)
{
	int node = fdt_path_offset(fdt, path), len = 0;
	if (node < 0)
		fail_msg("no node %s", path);
	const void *value = fdt_getprop(fdt, node, name, &len);
	if (!value || len != size || memcmp(value, bytes, (size_t)size))
		fail_msg("%s %s has %d bytes", path, name, len);
}

static void describes_the_machine(void **state)
{
	static const uint8_t reg[16] = {0, 0, 0, 1, 0, 0x20, 0, 0,
					0, 0, 0, 0, 4, 0,    0, 0};
	const struct boot boot = {.ram_start = UINT64_C(0x100200000),
				  .ram_size = 64 * MIB};
	char fdt[0x4000];
	struct why why;
	(void)state;
	assert_true(devicetree_build(fdt, sizeof(fdt), &boot, &facts, &why) >
		    0);
	assert_property(fdt, "/", "compatible", "hermit,uhyve", 13);
	assert_property(fdt, "/", "#address-cells", "\0\0\0\2", 4);
	assert_property(fdt, "/memory@100200000", "device_type", "memory", 7);
	assert_property(fdt, "/memory@100200000", "reg", reg, sizeof(reg));
	assert_property(fdt, "/uhyve,mounts", "mounts", "/data\0/etc/app", 15);
	assert_property(fdt, "/cpus/cpu@2", "device_type", "cpu", 4);
	assert_int_equal(fdt_path_offset(fdt, "/cpus/cpu@3"),
			 -FDT_ERR_NOTFOUND);
	assert_property(fdt, "/hermit,tsc", "khz", "\x00\x12\xd6\x87", 4);
	assert_property(fdt, "/chosen", "bootargs", "-v env=A=b -- x", 16);
}

static void leaves_out_what_is_not_there(void **state)
{
	const struct boot boot = {.ram_size = 64 * MIB};
	const struct boot_facts little = {.bootargs = "", .cpus = 1};
	char fdt[0x4000];
	struct why why;
	(void)state;
	assert_true(devicetree_build(fdt, sizeof(fdt), &boot, &little, &why) >
		    0);
	assert_true(fdt_path_offset(fdt, "/uhyve,mounts") < 0);
	assert_true(fdt_path_offset(fdt, "/hermit,tsc") < 0);
	assert_property(fdt, "/chosen", "bootargs", "", 1);
}

/* Every size of room and every length: built or refused, never overrun. */
static void keeps_within_its_room(void **state)
{
	const struct boot boot = {.ram_size = 64 * MIB};
	struct boot_facts long_one = facts;
	struct why why;
	(void)state;
	for (int size = 0; size < 1200; size++) {
		char *fdt = malloc((size_t)size + 1);
		int used = devicetree_build(fdt, size, &boot, &facts, &why);
		assert_true(used <= size);
		free(fdt);
	}
	char *words = calloc(1, 0x10000);
	memset(words, 'a', 0xffff);
	char *fdt = malloc(0x3fff);
	long_one.bootargs = words;
	assert_int_equal(devicetree_build(fdt, 0x3fff, &boot, &long_one, &why),
			 -1);
	assert_non_null(strstr(why.text, "do not fit"));
	const char *mount = words;
	long_one.bootargs = "";
	long_one.mounts = &mount;
	long_one.mount_count = 1;
	assert_int_equal(devicetree_build(fdt, 0x3fff, &boot, &long_one, &why),
			 -1);
	free(fdt);
	free(words);
}

/* ---- The command line ---------------------------------------------------- */

#define WORDS(...)                                                             \
	(const char *const[]){__VA_ARGS__},                                    \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)
#define NONE NULL, 0

static void assert_bootargs(char *actual, const char *expected)
{
	assert_string_equal(actual, expected);
	free(actual);
}

static void joins_and_quotes(void **state)
{
	(void)state;
	assert_bootargs(bootargs_build(NONE, NONE, NONE), "");
	assert_bootargs(bootargs_build(WORDS("-v", "ip=1"), NONE, NONE),
			"-v ip=1");
	assert_bootargs(bootargs_build(NONE, NONE, WORDS("a", "b c")),
			"-- a b c");
	assert_bootargs(bootargs_build(WORDS("k"), WORDS("A=1"), WORDS("a")),
			"k env=A=1 -- a");
	assert_bootargs(
		bootargs_build(NONE, WORDS("A=b c", "B=", "C=d=e"), NONE),
		"env=A='b c' env=B='' env=C=d=e");
	assert_bootargs(bootargs_build(NONE, WORDS("Q=it's"), NONE),
			"env=Q='it'\\''s'");
}

int boot_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_the_lowest_address),
		cmocka_unit_test(at_random),
		cmocka_unit_test(where_it_was_linked),
		cmocka_unit_test(too_little_memory),
		cmocka_unit_test(writes_everything),
#if defined(__x86_64__)
		cmocka_unit_test(maps_gigabytes_of_old_kernels),
		cmocka_unit_test(cpuid_of_a_rich_host),
#endif
		cmocka_unit_test(describes_the_machine),
		cmocka_unit_test(leaves_out_what_is_not_there),
		cmocka_unit_test(keeps_within_its_room),
		cmocka_unit_test(joins_and_quotes),
	};
	return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}
