/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interface 3: Getdents, FileStat, FileFstat, Mkdir. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"

#define ATTR (FAKE_BUFFER + 0x4000)

static struct uhyve_getdents_result getdents(struct fake *fake, int32_t fd,
					     uint64_t buf, uint64_t len)
{
	struct uhyve_getdents_params p = {.fd = fd, .buf = {buf}, .len = len};

	memset(&p.ret, 0x5a, sizeof(p.ret));
	memcpy(fake_at(fake, FAKE_BLOCK), &p, sizeof(p));
	assert_int_equal(fake_call(fake, UHYVE_GETDENTS, FAKE_BLOCK),
			 CALL_RESUME);
	memcpy(&p, fake_at(fake, FAKE_BLOCK), sizeof(p));
	assert_memory_equal(p.ret.pad, "ZZZZ", 4);
	return p.ret;
}

static int getdents_error(struct fake *fake, int32_t fd, uint64_t buf,
			  uint64_t len)
{
	struct uhyve_getdents_result ret = getdents(fake, fd, buf, len);

	assert_int_equal(ret.tag, UHYVE_GETDENTS_ERROR);
	return ret.error;
}

/* The result of FileStat: 0 or the error. */
static int file_stat(struct fake *fake, const char *name, uint32_t kind,
		     uint64_t attr)
{
	struct uhyve_stat_params p = {
		.name = {FAKE_NAME}, .kind = kind, .attr = {attr}};

	strcpy(fake_at(fake, FAKE_NAME), name);
	memcpy(fake_at(fake, FAKE_BLOCK), &p, sizeof(p));
	assert_int_equal(fake_call(fake, UHYVE_FILE_STAT, FAKE_BLOCK),
			 CALL_RESUME);
	memcpy(&p, fake_at(fake, FAKE_BLOCK), sizeof(p));
	assert_int_equal(p.ret.tag,
			 p.ret.error ? UHYVE_STAT_ERROR : UHYVE_STAT_SUCCESS);
	return p.ret.error;
}

static int file_fstat(struct fake *fake, int32_t fd, uint64_t attr)
{
	struct uhyve_fstat_params p = {.fd = fd, .attr = {attr}};

	memcpy(fake_at(fake, FAKE_BLOCK), &p, sizeof(p));
	assert_int_equal(fake_call(fake, UHYVE_FILE_FSTAT, FAKE_BLOCK),
			 CALL_RESUME);
	memcpy(&p, fake_at(fake, FAKE_BLOCK), sizeof(p));
	assert_int_equal(p.ret.tag,
			 p.ret.error ? UHYVE_STAT_ERROR : UHYVE_STAT_SUCCESS);
	return p.ret.error;
}

static int file_mkdir(struct fake *fake, const char *name)
{
	struct uhyve_mkdir_params p = {.path = {FAKE_NAME}, .len = UINT64_MAX};

	strcpy(fake_at(fake, FAKE_NAME), name);
	memcpy(fake_at(fake, FAKE_BLOCK), &p, sizeof(p));
	assert_int_equal(fake_call(fake, UHYVE_MKDIR, FAKE_BLOCK), CALL_RESUME);
	memcpy(&p, fake_at(fake, FAKE_BLOCK), sizeof(p));
	assert_int_equal(p.ret.tag,
			 p.ret.error ? UHYVE_MKDIR_ERROR : UHYVE_MKDIR_SUCCESS);
	return p.ret.error;
}

/* Reads a directory in pieces of len bytes; the names' first bytes, counted. */
static unsigned scan(struct fake *fake, int32_t fd, uint64_t buf, uint64_t len,
		     unsigned seen[256])
{
	unsigned entries = 0;

	memset(seen, 0, 256 * sizeof(seen[0]));
	for (;;) {
		struct uhyve_getdents_result ret = getdents(fake, fd, buf, len);
		struct uhyve_dirent head;
		if (ret.tag == UHYVE_GETDENTS_END)
			return entries;
		assert_int_equal(ret.tag, UHYVE_GETDENTS_SUCCESS);
		assert_in_range(ret.len, 1, len);
		for (uint64_t at = 0; at < ret.len; at += head.d_reclen) {
			const uint8_t *record = fake_at(fake, buf + at);
			memcpy(&head, record, sizeof(head));
			assert_int_equal(head.d_reclen % 8, 0);
			assert_in_range(head.d_reclen, 24, ret.len - at);
			assert_non_null(memchr(record + UHYVE_DIRENT_NAME, '\0',
					       (size_t)head.d_reclen -
						       UHYVE_DIRENT_NAME));
			seen[record[UHYVE_DIRENT_NAME]]++;
			entries++;
		}
	}
}

/* The kernel's length has 31 bits: a longer buffer is filled as far as that. */
static void buffer_of_2_gib(void **state)
{
	struct fake *fake = *state;
	const size_t size = (size_t)INT_MAX + 4096;
	char *to = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_ptr_not_equal(to, MAP_FAILED);
	int32_t d = fake_open(fake, "/data", UHYVE_O_DIRECTORY, 0);
	/* "." and "..", of 24 bytes each. */
	assert_int_equal(files_getdents(&fake->services.files, d, to, size),
			 48);
	assert_int_equal(files_getdents(&fake->services.files, d, to, size), 0);
	assert_int_equal(fake_close(fake, d), 0);
	munmap(to, size);
}

static void listing(void **state)
{
	struct fake *fake = *state;
	unsigned seen[256];

	host_write(fake, "1", "");
	host_write(fake, "2", "");
	assert_int_equal(file_mkdir(fake, "/data/3"), 0);
	int32_t d = fake_open(fake, "/data", UHYVE_O_DIRECTORY, 0);
	assert_int_equal(scan(fake, d, FAKE_BUFFER, 1024, seen), 5);
	assert_int_equal(seen['1'] + seen['2'] + seen['3'], 3);
	assert_int_equal(seen['.'], 2);
	assert_int_equal(getdents(fake, d, FAKE_BUFFER, 1024).tag,
			 UHYVE_GETDENTS_END);
	/* Again, one record at a time, and unaligned. */
	assert_int_equal(fake_lseek(fake, d, 0, UHYVE_SEEK_SET), 0);
	assert_int_equal(scan(fake, d, FAKE_BUFFER + 1, 32, seen), 5);
	/* The root lists the mapping. */
	d = fake_open(fake, "/", UHYVE_O_DIRECTORY, 0);
	assert_int_equal(scan(fake, d, FAKE_BUFFER, 1024, seen), 3);
	assert_int_equal(seen['d'], 1);
}

static void listing_errors(void **state)
{
	struct fake *fake = *state;

	host_write(fake, "f", "");
	int32_t d = fake_open(fake, "/data", UHYVE_O_DIRECTORY, 0);
	int32_t f = fake_open(fake, "/data/f", 0, 0);
	assert_int_equal(getdents_error(fake, d, FAKE_BUFFER, 0), EINVAL);
	assert_int_equal(getdents_error(fake, d, FAKE_BUFFER, 23), EINVAL);
	assert_int_equal(getdents_error(fake, d, FAKE_END - 100, 101), EFAULT);
	assert_int_equal(getdents_error(fake, d, 0, 100), EFAULT);
	assert_int_equal(getdents_error(fake, d, FAKE_BUFFER, UINT64_MAX),
			 EFAULT);
	assert_int_equal(getdents_error(fake, f, FAKE_BUFFER, 100), ENOTDIR);
	assert_int_equal(getdents_error(fake, 9, FAKE_BUFFER, 100), EBADF);
	assert_int_equal(getdents_error(fake, -1, FAKE_BUFFER, 100), EBADF);
	for (int32_t fd = 0; fd < 3; fd++)
		assert_int_equal(getdents_error(fake, fd, FAKE_BUFFER, 100),
				 EBADF);
	/* Nothing was lost by the attempts. */
	assert_int_equal(getdents(fake, d, FAKE_BUFFER, 1024).len, 3 * 24);
}

static void attributes(void **state)
{
	struct fake *fake = *state;
	struct uhyve_file_attr by_name, by_descriptor;

	host_write(fake, "f", "12345");
	int32_t fd = fake_open(fake, "/data/f", UHYVE_O_RDWR, 0);
	memset(fake_at(fake, ATTR + 1), 0x5a, sizeof(by_name));
	assert_int_equal(file_stat(fake, "/data/f", 0, ATTR + 1), 0);
	memcpy(&by_name, fake_at(fake, ATTR + 1), sizeof(by_name));
	assert_int_equal(by_name.st_size, 5);
	assert_int_equal(by_name.st_mode, UHYVE_S_IFREG | 0644);
	assert_int_equal(by_name.st_nlink, 1);
	assert_in_range(by_name.st_mtim.tv_nsec, 0, 999999999);
	assert_memory_equal(by_name.pad, "\0\0\0\0", 4);
	assert_memory_equal(by_name.st_ctim.pad, "\0\0\0\0", 4);
	assert_int_equal(file_fstat(fake, fd, ATTR), 0);
	memcpy(&by_descriptor, fake_at(fake, ATTR), sizeof(by_descriptor));
	assert_memory_equal(&by_name, &by_descriptor, sizeof(by_name));
	assert_int_equal(fake_unlink(fake, "/data/f"), 0);
	assert_int_equal(file_fstat(fake, fd, FAKE_END - sizeof(by_name)), 0);
	assert_int_equal(file_stat(fake, "/", 0, ATTR), 0);
	memcpy(&by_name, fake_at(fake, ATTR), sizeof(by_name));
	assert_int_equal(by_name.st_mode & UHYVE_S_IFMT, UHYVE_S_IFDIR);
}

static void attribute_links(void **state)
{
	struct fake *fake = *state;
	struct uhyve_file_attr attr;
	char path[160];

	host_write(fake, "f", "12345");
	snprintf(path, sizeof(path), "%s/link", fake->data);
	assert_int_equal(symlink("f", path), 0);
	snprintf(path, sizeof(path), "%s/out", fake->data);
	assert_int_equal(symlink("../console", path), 0);
	assert_int_equal(file_stat(fake, "/data/link", 0, ATTR), 0);
	memcpy(&attr, fake_at(fake, ATTR), sizeof(attr));
	assert_int_equal(attr.st_mode & UHYVE_S_IFMT, UHYVE_S_IFREG);
	assert_int_equal(file_stat(fake, "/data/link", 1, ATTR), 0);
	memcpy(&attr, fake_at(fake, ATTR), sizeof(attr));
	assert_int_equal(attr.st_mode & UHYVE_S_IFMT, UHYVE_S_IFLNK);
	assert_int_equal(file_stat(fake, "/data/out", 0, ATTR), EPERM);
	assert_int_equal(file_stat(fake, "/data/out", 1, ATTR), 0);
}

static void attribute_errors(void **state)
{
	struct fake *fake = *state;
	static uint8_t untouched[sizeof(struct uhyve_file_attr)];

	host_write(fake, "f", "");
	int32_t fd = fake_open(fake, "/data/f", 0, 0);
	memset(untouched, 0x5a, sizeof(untouched));
	memcpy(fake_at(fake, ATTR), untouched, sizeof(untouched));
	assert_int_equal(file_stat(fake, "/data/f", 2, ATTR), EINVAL);
	assert_int_equal(file_stat(fake, "/data/f", UINT32_MAX, ATTR), EINVAL);
	assert_int_equal(file_stat(fake, "/data/g", 0, ATTR), ENOENT);
	assert_int_equal(file_stat(fake, "/data/f/g", 0, ATTR), ENOTDIR);
	assert_int_equal(file_stat(fake, "", 0, ATTR), ENOENT);
	assert_int_equal(file_stat(fake, "\xff", 0, ATTR), EINVAL);
	assert_int_equal(file_stat(fake, "/data/f", 0, 0), EFAULT);
	assert_int_equal(file_stat(fake, "/data/f", 0, FAKE_END - 119), EFAULT);
	assert_int_equal(file_fstat(fake, fd, FAKE_END - 119), EFAULT);
	for (int32_t bad = -1; bad < 3; bad++)
		assert_int_equal(file_fstat(fake, bad, ATTR), EBADF);
	assert_int_equal(file_fstat(fake, 99, ATTR), EBADF);
	assert_memory_equal(fake_at(fake, ATTR), untouched, sizeof(untouched));
}

static void making(void **state)
{
	struct fake *fake = *state;
	char path[160];
	struct stat st;

	umask(027);
	assert_int_equal(file_mkdir(fake, "/data/d"), 0);
	snprintf(path, sizeof(path), "%s/d", fake->data);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0750);
	umask(022);
	assert_int_equal(file_mkdir(fake, "/data/d"), EEXIST);
	assert_int_equal(file_mkdir(fake, "/data"), EEXIST);
	assert_int_equal(file_mkdir(fake, "/"), EEXIST);
	assert_int_equal(file_mkdir(fake, ""), ENOENT);
	assert_int_equal(file_mkdir(fake, "/data/no/d"), ENOENT);
	/* Private directories, with the parents that they need. */
	assert_int_equal(file_mkdir(fake, "/p/q"), 0);
	assert_int_equal(
		fake_open(fake, "/p/q/f", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644),
		3);
	assert_int_equal(file_mkdir(fake, "/p/q/f/g"), ENOTDIR);
	assert_int_equal(file_mkdir(fake, "/p/q/f"), EEXIST);
}

#define WITH_FAKE(f)                                                           \
	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int directory_tests(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FAKE(buffer_of_2_gib), WITH_FAKE(listing),
		WITH_FAKE(listing_errors),  WITH_FAKE(attributes),
		WITH_FAKE(attribute_links), WITH_FAKE(attribute_errors),
		WITH_FAKE(making),
	};

	return cmocka_run_group_tests_name("directories", tests, NULL, NULL);
}
