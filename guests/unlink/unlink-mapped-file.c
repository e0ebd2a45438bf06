/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "a host file that is mapped by itself is removed, or is left",
	variants = {
		"opened" = {},
		"looked-at" = { needs = ["interface-3"] },
		"unseen" = { needs = ["interface-3"] }
	},
	mappings = { "/one" = "one.txt", "/d/two" = "two.txt" },
	files = { "one.txt" = "alone", "two.txt" = "alone" }
)

static void opened(const char *path)
{
	char found[5] = "";
	int32_t error = file_unlink(path);
	int32_t fd = file_open(path, UHYVE_O_RDONLY, 0);
	if (error == 0) {
		expect_eq(fd, -UHYVE_ENOENT);
	} else {
		expect_error(error);
		expect_eq(file_read(fd, found, 5), 5);
		expect_bytes(found, "alone", 5);
	}
}

/* How often the directory lists the name; -1 when it cannot be opened. */
static int64_t listed(const char *directory, const char *name)
{
	int32_t fd = file_open(directory, UHYVE_O_DIRECTORY, 0);
	if (fd < 0)
		return -1;
	int64_t count = dir_count(fd, name, 512);
	file_close(fd);
	return count;
}

static void looked_at(const char *path, const char *directory, const char *name)
{
	int64_t before = listed(directory, name);
	bool gone = file_unlink(path) == 0;
	/* A FileOpen that fails brings no name back. */
	int32_t fd = file_open(path, UHYVE_O_RDONLY, 0);
	int64_t after = listed(directory, name);
	if (fd >= 0)
		file_close(fd);
	struct uhyve_file_attr attr;
	expect_eq(file_stat(path, UHYVE_STAT_NOFOLLOW, &attr),
		  gone ? -UHYVE_ENOENT : 0);
	if (before >= 0 && after >= 0)
		expect_eq(after, gone ? 0 : before);
}

/* Before anything has looked at its directory. */
static void unseen(const char *path, const char *directory, const char *name)
{
	bool gone = file_unlink(path) == 0;
	int64_t count = listed(directory, name);
	if (gone && count >= 0)
		expect_eq(count, 0);
	expect_eq(file_open(path, UHYVE_O_RDONLY, 0) < 0, gone);
}

void guest_main(void)
{
	TEST_IN(VARIANT(0), "UHY-UNLINK-041",
		"0 and missing, or an error and there")
	{
		opened("/one");
		opened("/d/two");
	}
	TEST_IN(VARIANT(1), "UHY-UNLINK-002", "for FileStat and Getdents, too")
	{
		looked_at("/one", "/", "one");
	}
	TEST_IN(VARIANT(1), "UHY-UNLINK-041", "below a directory")
	{
		looked_at("/d/two", "/d", "two");
	}
	TEST_IN(VARIANT(2), "UHY-UNLINK-002", "before the first Getdents")
	{
		unseen("/one", "/", "one");
	}
}
