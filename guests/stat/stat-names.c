/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "attributes of names",
	needs = ["interface-3"],
	files = {
		"data/f" = { content = "0123456789", mode = "640" },
		"data/g" = { content = "0123456789", mode = "400" },
		"data/sub" = { dir = true }
	}
)

static struct uhyve_file_attr attr;

static int64_t stat_of(const char *path)
{
	memset(&attr, 0xee, sizeof(attr));
	return file_stat(path, UHYVE_STAT_FOLLOW, &attr);
}

static void expect_type(uint32_t type)
{
	expect_eq(attr.st_mode & UHYVE_S_IFMT, type);
}

/* True if n bytes are all 0 or all as they were. */
static void expect_padding(const uint8_t *pad, size_t n)
{
	expect_filled(pad, pad[0] == 0xee ? 0xee : 0, n);
}

void guest_main(void)
{
	static uint8_t space[sizeof(attr) + 24];
	TEST("UHY-STAT-001", "a file and a directory") {
		expect_eq(stat_of("/data/sub"), 0);
		expect_eq(stat_of("/data/f"), 0);
	}
	TEST("UHY-STAT-003", "the size") {
		expect_eq(attr.st_size, 10);
	}
	TEST("UHY-STAT-004", "at least one name") {
		expect_between((int64_t)attr.st_nlink, 1, 1000);
	}
	TEST("UHY-STAT-005", "permissions") {
		expect_eq(attr.st_mode & 0777, 0640);
		expect_eq(stat_of("/data/g"), 0);
		expect_eq(attr.st_mode & 0777, 0400);
	}
	TEST("UHY-STAT-006", "nanoseconds") {
		expect_between(attr.st_atim.tv_nsec, 0, 999999999);
		expect_between(attr.st_mtim.tv_nsec, 0, 999999999);
		expect_between(attr.st_ctim.tv_nsec, 0, 999999999);
	}
	TEST("UHY-STAT-007", "padding") {
		expect_padding(attr.pad, sizeof(attr.pad));
		expect_padding(attr.st_atim.pad, 4);
		expect_padding(attr.st_mtim.pad, 4);
		expect_padding(attr.st_ctim.pad, 4);
	}
	TEST("UHY-STAT-012", "st_blksize") {
		expect(attr.st_blksize > 0);
	}
	TEST("UHY-STAT-002", "types") {
		expect_type(UHYVE_S_IFREG);
		expect_eq(stat_of("/data/sub"), 0);
		expect_type(UHYVE_S_IFDIR);
	}
	TEST("UHY-STAT-013", "the guest path of a mapping") {
		expect_eq(stat_of("/data"), 0);
		expect_type(UHYVE_S_IFDIR);
	}
	TEST("UHY-STAT-014", "a private file") {
		int32_t fd = file_open("/private", UHYVE_O_CREAT | UHYVE_O_RDWR,
				       0644);
		expect_eq(file_write(fd, "abc", 3), 3);
		expect_eq(stat_of("/private"), 0);
		expect_type(UHYVE_S_IFREG);
		expect_eq(attr.st_size, 3);
	}
	struct uhyve_file_attr first, second;
	TEST("UHY-STAT-010", "two files") {
		expect_eq(stat_of("/data/f"), 0);
		first = attr;
		expect_eq(stat_of("/data/g"), 0);
		expect(first.st_ino != attr.st_ino ||
		       first.st_dev != attr.st_dev);
	}
	TEST("UHY-STAT-011", "every field is written") {
		memset(&second, 0x11, sizeof(second));
		expect_eq(file_stat("/data/f", UHYVE_STAT_FOLLOW, &second), 0);
		memset(first.pad, 0, 4);
		memset(first.st_atim.pad, 0, 4);
		memset(first.st_mtim.pad, 0, 4);
		memset(first.st_ctim.pad, 0, 4);
		memset(second.pad, 0, 4);
		memset(second.st_atim.pad, 0, 4);
		memset(second.st_mtim.pad, 0, 4);
		memset(second.st_ctim.pad, 0, 4);
		expect_bytes(&second, &first, sizeof(first));
	}
	TEST("UHY-STAT-047", "nothing after the 120 bytes") {
		int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
		memset(space, 0xee, sizeof(space));
		expect_eq(file_stat("/data/f", UHYVE_STAT_FOLLOW,
				    (void *)(space + 8)),
			  0);
		expect_eq(file_fstat(fd, (void *)(space + 8)), 0);
		expect_filled(space, 0xee, 8);
		expect_filled(space + 128, 0xee, 16);
	}
}
