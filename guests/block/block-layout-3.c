/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The tables of the chapter, byte by byte and not through the header. */
#include "raw.h"

GUEST(
	summary = "layouts of the blocks of interface 3",
	needs = ["interface-3"],
	files = { "data/in" = { size = 5000, mode = "0640" } }
)

static uint8_t block[64] __attribute__((aligned(8)));
static uint8_t attr[128] __attribute__((aligned(8)));

static void get_stat(const char *name)
{
	put(block, 0, 8, address(name));
	put(block, 8, 4, 0);
	put(block, 16, 8, address(attr));
	put(block, 24, 8, 0);
	call(0x1170, block);
}

static void get_fstat(int32_t fd)
{
	put(block, 0, 4, (uint32_t)fd);
	put(block, 8, 8, address(attr));
	put(block, 16, 8, 0);
	call(0x1180, block);
}

static void make_directory(const char *name)
{
	put(block, 0, 8, address(name));
	put(block, 8, 8, strlen(name) + 1);
	put(block, 16, 8, 0);
	call(0x1190, block);
}

static void get_entries(int32_t fd, uint64_t len)
{
	static uint8_t records[512] __attribute__((aligned(8)));
	put(block, 0, 4, (uint32_t)fd);
	put(block, 8, 8, address(records));
	put(block, 16, 8, len);
	put(block, 24, 8, 0);
	put(block, 32, 8, 0);
	call(0x1160, block);
}

void guest_main(void)
{
	int32_t fd = file_open("/data/in", UHYVE_O_RDONLY, 0);
	int32_t directory =
		file_open("/data", UHYVE_O_RDONLY | UHYVE_O_DIRECTORY, 0);
	TEST("UHY-BLOCK-011", "FileStat: name 0, kind 8, attr 16, tag 24") {
		get_stat("/data/in");
		expect_eq(get(block, 24, 4), 1);
		get_stat("/data/none");
		expect_eq(get(block, 24, 4), 2);
		expect_eq(get(block, 28, 4), 2);
	}
	TEST("UHY-BLOCK-012", "FileFstat: fd 0, attr 8, tag 16, error 20") {
		get_fstat(fd);
		expect_eq(get(block, 16, 4), 1);
		get_fstat(4711);
		expect_eq(get(block, 16, 4), 2);
		expect_eq(get(block, 20, 4), 9);
	}
	TEST("UHY-BLOCK-014", "nlink 16, mode 24, size 48, mtim 88") {
		get_stat("/data/in");
		expect_between((int64_t)get(attr, 16, 8), 1, INT32_MAX);
		expect_eq(get(attr, 24, 4), 0100640);
		expect_eq(get(attr, 48, 8), 5000);
		/* Made for this run: after 2020, before 2100. */
		expect_between(get(attr, 88, 8), 1577836800, 4102444800);
		expect_between(get(attr, 96, 4), 0, 999999999);
	}
	TEST("UHY-BLOCK-013", "Mkdir: path 0, len 8, tag 16, error 20") {
		make_directory("/data/new");
		expect_eq(get(block, 16, 4), 1);
		make_directory("/data/new");
		expect_eq(get(block, 16, 4), 2);
		expect_eq(get(block, 20, 4), 17);
	}
	TEST("UHY-BLOCK-010", "Getdents: fd 0, buf 8, len 16, tag 24, len 32") {
		get_entries(directory, 512);
		expect_eq(get(block, 24, 4), 1);
		expect_between(get(block, 32, 8), 24, 512);
		get_entries(4711, 512);
		expect_eq(get(block, 24, 4), 3);
		expect_eq(get(block, 32, 4), 9);
	}
	TEST("UHY-BLOCK-025", "tag 2 of FileStat, FileFstat and Mkdir") {
		get_stat("/data/none");
		expect_eq(get(block, 24, 4), 2);
		get_fstat(4711);
		expect_eq(get(block, 16, 4), 2);
		make_directory("/data/none/deeper");
		expect_eq(get(block, 16, 4), 2);
	}
	TEST("UHY-BLOCK-026", "tag 3 of Getdents") {
		get_entries(4711, 512);
		expect_eq(get(block, 24, 4), 3);
		get_entries(fd, 512);
		expect_eq(get(block, 24, 4), 3);
	}
	TEST("UHY-ERR-002", "error numbers are positive") {
		get_stat("/data/none");
		expect_eq((int32_t)get(block, 28, 4), 2);
		get_fstat(4711);
		expect_eq((int32_t)get(block, 20, 4), 9);
		make_directory("/data/new");
		expect_eq((int32_t)get(block, 20, 4), 17);
		get_entries(4711, 512);
		expect_eq((int32_t)get(block, 32, 4), 9);
	}
}
