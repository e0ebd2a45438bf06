/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "what FileStat refuses",
	needs = ["interface-3"],
	files = { "data/f" = "0123456789" }
)

static struct uhyve_file_attr attr;

static int64_t stat_of(const char *path)
{
	return file_stat(path, UHYVE_STAT_FOLLOW, &attr);
}

static int64_t stat_to(uint64_t gpa)
{
	return file_stat("/data/f", UHYVE_STAT_FOLLOW, (void *)(uintptr_t)gpa);
}

void guest_main(void)
{
	memset(&attr, 0xee, sizeof(attr));
	TEST("UHY-STAT-024", "missing names") {
		expect_eq(stat_of("/data/missing"), -UHYVE_ENOENT);
		expect_eq(stat_of("/data/missing/f"), -UHYVE_ENOENT);
		expect_eq(stat_of("/nothing"), -UHYVE_ENOENT);
		expect_eq(
			file_stat("/data/missing", UHYVE_STAT_NOFOLLOW, &attr),
			-UHYVE_ENOENT);
	}
	TEST("UHY-STAT-025", "the empty path") {
		expect_eq(stat_of(""), -UHYVE_ENOENT);
	}
	TEST("UHY-STAT-026", "not UTF-8") {
		expect_eq(stat_of("/data/\xff"), -UHYVE_EINVAL);
		expect_eq(stat_of("/data/\xff/../f"), -UHYVE_EINVAL);
	}
	TEST("UHY-STAT-029", "below a regular file") {
		expect_error(stat_of("/data/f/g"));
	}
	TEST("UHY-STAT-043", "attr is as before") {
		expect_error(file_fstat(3000, &attr));
		expect_filled(&attr, 0xee, sizeof(attr));
	}
	TEST("UHY-STAT-040", "attr outside RAM") {
		expect_eq(stat_to(0), -UHYVE_EFAULT);
		expect_eq(stat_to(ram_start() - 8), -UHYVE_EFAULT);
		expect_eq(stat_to(ram_end()), -UHYVE_EFAULT);
		expect_eq(stat_to(UINT64_MAX - 7), -UHYVE_EFAULT);
	}
	TEST("UHY-STAT-030", "below a regular file: ENOTDIR") {
		expect_eq(stat_of("/data/f/g"), -UHYVE_ENOTDIR);
	}
}
