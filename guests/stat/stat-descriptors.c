/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "attributes of descriptors",
	needs = ["interface-3"],
	files = {
		"data/f" = "0123456789", "data/gone" = "abc",
		"data/sub" = { dir = true }
	}
)

static struct uhyve_file_attr by_name, by_fd;

static void expect_same(const char *path, int32_t fd)
{
	memset(&by_name, 0xee, sizeof(by_name));
	memset(&by_fd, 0x11, sizeof(by_fd));
	expect_eq(file_stat(path, UHYVE_STAT_FOLLOW, &by_name), 0);
	expect_eq(file_fstat(fd, &by_fd), 0);
	expect_eq(by_fd.st_dev, by_name.st_dev);
	expect_eq(by_fd.st_ino, by_name.st_ino);
	expect_eq(by_fd.st_mode, by_name.st_mode);
	expect_eq(by_fd.st_size, by_name.st_size);
}

/* True if padding is all 0 or all as expect_same() left it. */
static void expect_padding(const uint8_t *pad)
{
	expect_filled(pad, pad[0] == 0x11 ? 0x11 : 0, 4);
}

static bool earlier(const struct uhyve_timespec *a,
		    const struct uhyve_timespec *b)
{
	return a->tv_sec < b->tv_sec ||
	       (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	int32_t gone = file_open("/data/gone", UHYVE_O_RDWR, 0);
	int32_t directory = file_open("/data/sub", UHYVE_O_DIRECTORY, 0);
	TEST("UHY-STAT-060", "as FileStat of the name") {
		expect_same("/data/f", fd);
		expect_same("/data/sub", directory);
	}
	TEST("UHY-STAT-007", "padding") {
		expect_padding(by_fd.pad);
		expect_padding(by_fd.st_atim.pad);
		expect_padding(by_fd.st_mtim.pad);
		expect_padding(by_fd.st_ctim.pad);
	}
	TEST("UHY-STAT-066", "a directory") {
		expect_eq(by_fd.st_mode & UHYVE_S_IFMT, UHYVE_S_IFDIR);
	}
	TEST("UHY-STAT-008", "the size after a write") {
		expect_eq(file_lseek(fd, 20, UHYVE_SEEK_SET), 20);
		expect_eq(file_write(fd, "x", 1), 1);
		expect_same("/data/f", fd);
		expect_eq(by_fd.st_size, 21);
	}
	TEST("UHY-STAT-009", "the time of change") {
		by_name = by_fd;
		expect_eq(file_write(fd, "x", 1), 1);
		expect_eq(file_fstat(fd, &by_fd), 0);
		expect(!earlier(&by_fd.st_mtim, &by_name.st_mtim));
	}
	char byte;
	TEST("UHY-STAT-068", "the position stays") {
		expect_eq(file_lseek(fd, 3, UHYVE_SEEK_SET), 3);
		expect_eq(file_fstat(fd, &by_fd), 0);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 3);
		expect_eq(file_read(fd, &byte, 1), 1);
		expect_eq(byte, '3');
	}
	TEST("UHY-STAT-061", "an unlinked file") {
		expect_eq(file_unlink("/data/gone"), 0);
		expect_eq(file_fstat(gone, &by_fd), 0);
		expect_eq(by_fd.st_size, 3);
		expect_eq(by_fd.st_mode & UHYVE_S_IFMT, UHYVE_S_IFREG);
	}
	TEST("UHY-STAT-041", "attr outside RAM") {
		expect_eq(file_fstat(fd, (void *)0), -UHYVE_EFAULT);
		expect_eq(file_fstat(fd, (void *)(uintptr_t)ram_end()),
			  -UHYVE_EFAULT);
		expect_eq(file_fstat(fd, (void *)(uintptr_t)(ram_end() - 119)),
			  -UHYVE_EFAULT);
	}
	TEST("UHY-STAT-065", "0, 1 and 2") {
		for (int32_t i = 0; i < 3; i++)
			expect_eq(file_fstat(i, &by_fd), -UHYVE_EBADF);
	}
}
