/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The file calls through the table, as a guest makes them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake.h"

#define RD UHYVE_O_RDONLY
#define WR UHYVE_O_WRONLY
#define RW UHYVE_O_RDWR
#define CREATE UHYVE_O_CREAT

static void round_trip(void **state)
{
	struct fake *fake = *state;
	char text[32];
	int32_t fd = fake_open(fake, "/data/f", RW | CREATE, 0640);

	assert_int_equal(fd, 3);
	assert_int_equal(fake_put(fake, fd, "hello"), 5);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
	assert_int_equal(fake_lseek(fake, fd, 1, UHYVE_SEEK_SET), 1);
	memset(fake_at(fake, FAKE_BUFFER), 'x', 8);
	assert_int_equal(fake_file_read(fake, fd, FAKE_BUFFER, 8), 4);
	assert_memory_equal(fake_at(fake, FAKE_BUFFER), "elloxxxx", 8);
	assert_int_equal(fake_file_read(fake, fd, FAKE_BUFFER, 8), 0);
	assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_CUR), 5);
	assert_int_equal(fake_close(fake, fd), 0);
	assert_int_equal(fake_close(fake, fd), -EBADF);
}

static void open_flags(void **state)
{
	struct fake *fake = *state;
	char text[8];
	struct stat st;
	char path[128];

	assert_int_equal(fake_open(fake, "/data/f", RD, 0), -ENOENT);
	assert_int_equal(fake_open(fake, "/data/f", CREATE | 3, 0), -EINVAL);
	assert_int_equal(
		fake_open(fake, "/data/f", CREATE | UHYVE_O_DIRECTORY, 0644),
		-EINVAL);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)),
			 -ENOENT);
	host_write(fake, "f", "abc");
	assert_int_equal(
		fake_open(fake, "/data/f", WR | CREATE | UHYVE_O_EXCL, 0644),
		-EEXIST);
	/* O_EXCL alone, bits without a meaning, a mode without O_CREAT. */
	assert_int_equal(fake_open(fake, "/data/f",
				   ~UHYVE_O_ALLOWED | UHYVE_O_EXCL, 0777),
			 3);
	assert_int_equal(fake_open(fake, "/data/f", WR | CREATE, 0), 4);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)), 3);
	assert_int_equal(fake_open(fake, "/data/f", WR | UHYVE_O_TRUNC, 0), 5);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)), 0);
	assert_int_equal(fake_open(fake, "/data/f", UHYVE_O_DIRECTORY, 0),
			 -ENOTDIR);
	assert_int_equal(fake_open(fake, "/data", UHYVE_O_DIRECTORY, 0), 6);
	assert_int_equal(fake_open(fake, "/data", RD, 0), 7);
	assert_int_equal(fake_open(fake, "/data", WR, 0), -EISDIR);
	assert_int_equal(fake_open(fake, "/data/f/g", RD, 0), -ENOTDIR);
	assert_int_equal(fake_open(fake, "/data/f/g", WR | CREATE, 0644),
			 -ENOTDIR);
	/* Only permission bits, less the umask. */
	umask(022);
	assert_int_equal(fake_open(fake, "/data/m", WR | CREATE, 07666), 8);
	snprintf(path, sizeof(path), "%s/m", fake->data);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0644);
}

static void access_modes(void **state)
{
	struct fake *fake = *state;

	host_write(fake, "f", "abc");
	int32_t r = fake_open(fake, "/data/f", RD, 0);
	int32_t w = fake_open(fake, "/data/f", WR, 0);
	int32_t d = fake_open(fake, "/data", RD, 0);
	assert_int_equal(fake_file_write(fake, r, FAKE_BUFFER, 1), -EBADF);
	assert_int_equal(fake_file_read(fake, w, FAKE_BUFFER, 1), -EBADF);
	assert_int_equal(fake_file_read(fake, d, FAKE_BUFFER, 1), -EISDIR);
	assert_int_equal(fake_file_write(fake, d, FAKE_BUFFER, 1), -EBADF);
	assert_int_equal(fake_file_write(fake, w, FAKE_BUFFER, 0), 0);
	assert_int_equal(fake_file_read(fake, r, 0, 0), 0);
}

static void bad_descriptors(void **state)
{
	struct fake *fake = *state;
	static const int32_t bad[] = {
		3, -1, INT_MIN, INT_MAX, DESCRIPTORS_END - 1, DESCRIPTORS_END};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int32_t fd = bad[i];
		assert_int_equal(fake_close(fake, fd), -EBADF);
		assert_int_equal(fake_file_read(fake, fd, FAKE_BUFFER, 1),
				 -EBADF);
		assert_int_equal(fake_file_read(fake, fd, FAKE_BUFFER, 0),
				 -EBADF);
		assert_int_equal(fake_file_write(fake, fd, FAKE_BUFFER, 1),
				 -EBADF);
		assert_int_equal(fake_file_write(fake, fd, FAKE_BUFFER, 0),
				 -EBADF);
		assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_CUR),
				 -EBADF);
	}
	for (int32_t fd = 0; fd < 3; fd++) {
		assert_int_equal(fake_close(fake, fd), 0);
		assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_CUR),
				 -ESPIPE);
	}
	assert_int_equal(fake_file_write(fake, 0, FAKE_BUFFER, 1), -EBADF);
	assert_int_equal(fake_file_read(fake, 1, FAKE_BUFFER, 1), -EBADF);
	assert_int_equal(fake_file_read(fake, 2, FAKE_BUFFER, 1), -EBADF);
}

static void bad_buffers(void **state)
{
	struct fake *fake = *state;
	static const struct {
		uint64_t buf, len;
	} bad[] = {
		{0, 1},
		{FAKE_START - 1, 2},
		{FAKE_END, 1},
		{FAKE_END - 1, 2},
		{FAKE_BUFFER, FAKE_SIZE},
		{FAKE_BUFFER, UINT64_MAX},
		{FAKE_BUFFER, UINT64_C(1) << 63},
		{UINT64_MAX, 2},
	};
	char text[8];

	host_write(fake, "f", "abcdef");
	int32_t fd = fake_open(fake, "/data/f", RW, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
			fake_file_read(fake, fd, bad[i].buf, bad[i].len),
			-EFAULT);
		assert_int_equal(
			fake_file_write(fake, fd, bad[i].buf, bad[i].len),
			-EFAULT);
		assert_int_equal(
			fake_file_write(fake, 1, bad[i].buf, bad[i].len),
			-EFAULT);
	}
	assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_CUR), 0);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)), 6);
	assert_int_equal(fake_file_read(fake, fd, FAKE_END - 2, 2), 2);
	assert_memory_equal(fake_at(fake, FAKE_END - 2), "ab", 2);
	assert_console(fake, "");
}

static void positions(void **state)
{
	struct fake *fake = *state;
	const int64_t far = INT64_C(5) << 30;
	int32_t fd = fake_open(fake, "/data/f", RW | CREATE, 0600);

	assert_int_equal(fake_put(fake, fd, "abc"), 3);
	assert_int_equal(fake_lseek(fake, fd, -1, UHYVE_SEEK_END), 2);
	assert_int_equal(fake_lseek(fake, fd, 5, UHYVE_SEEK_CUR), 7);
	assert_int_equal(fake_lseek(fake, fd, -8, UHYVE_SEEK_CUR), -EINVAL);
	assert_int_equal(fake_lseek(fake, fd, -1, UHYVE_SEEK_SET), -EINVAL);
	assert_int_equal(fake_lseek(fake, fd, 0, 5), -EINVAL);
	assert_int_equal(fake_lseek(fake, fd, 0, UINT32_MAX), -EINVAL);
	assert_int_equal(fake_lseek(fake, fd, 0, 0x80000000), -EINVAL);
	assert_true(fake_lseek(fake, fd, INT64_MAX, UHYVE_SEEK_CUR) < 0);
	assert_true(fake_lseek(fake, fd, INT64_MIN, UHYVE_SEEK_END) < 0);
	assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_CUR), 7);
	assert_int_equal(fake_lseek(fake, fd, far, UHYVE_SEEK_SET), far);
	assert_int_equal(fake_put(fake, fd, "end"), 3);
	assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_END), far + 3);
	assert_int_equal(fake_lseek(fake, fd, far - 1, UHYVE_SEEK_SET),
			 far - 1);
	assert_int_equal(fake_file_read(fake, fd, FAKE_BUFFER, 8), 4);
	assert_memory_equal(fake_at(fake, FAKE_BUFFER), "\0end", 4);
}

static void appending(void **state)
{
	struct fake *fake = *state;
	char text[16];

	host_write(fake, "f", "1");
	int32_t a = fake_open(fake, "/data/f", WR | UHYVE_O_APPEND, 0);
	int32_t b = fake_open(fake, "/data/f", RW | UHYVE_O_APPEND, 0);
	assert_int_equal(fake_put(fake, a, "2"), 1);
	assert_int_equal(fake_lseek(fake, b, 0, UHYVE_SEEK_SET), 0);
	assert_int_equal(fake_put(fake, b, "3"), 1);
	assert_int_equal(fake_put(fake, a, "4"), 1);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)), 4);
	assert_string_equal(text, "1234");
}

static void console_descriptors(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(fake_put(fake, 1, "out "), 4);
	assert_int_equal(fake_call(fake, UHYVE_SERIAL_WRITE_BYTE, 'b'),
			 CALL_RESUME);
	assert_int_equal(fake_put(fake, 2, " err"), 4);
	assert_int_equal(fake_file_write(fake, 1, 0, 0), 0);
	assert_console(fake, "out b err");
}

static void too_many(void **state)
{
	struct fake *fake = *state;
	int32_t fd, last = 2;
	char text[8];

	host_write(fake, "f", "abc");
	while ((fd = fake_open(fake, "/data/f", RD, 0)) >= 0)
		assert_int_equal(fd, ++last);
	assert_int_equal(fd, -EMFILE);
	assert_int_equal(last, DESCRIPTORS_END - 1);
	assert_int_equal(fake_open(fake, "/data/f", RD, 0), -EMFILE);
	/* Nothing happens to names and contents. */
	assert_int_equal(fake_open(fake, "/data/f", WR | UHYVE_O_TRUNC, 0),
			 -EMFILE);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)), 3);
	assert_int_equal(fake_open(fake, "/data/g", WR | CREATE, 0644),
			 -EMFILE);
	assert_int_equal(host_read(fake->data, "g", text, sizeof(text)),
			 -ENOENT);
	assert_int_equal(fake_close(fake, 100), 0);
	assert_int_equal(fake_open(fake, "/data/f", RD, 0), 100);
	assert_int_equal(fake_file_read(fake, 100, FAKE_BUFFER, 8), 3);
}

static void unlinking(void **state)
{
	struct fake *fake = *state;
	char text[8];

	host_write(fake, "f", "abc");
	int32_t fd = fake_open(fake, "/data/f", RD, 0);
	assert_int_equal(fake_unlink(fake, "/data/f"), 0);
	assert_int_equal(fake_unlink(fake, "/data/f"), -ENOENT);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)),
			 -ENOENT);
	assert_int_equal(fake_file_read(fake, fd, FAKE_BUFFER, 8), 3);
	assert_int_equal(fake_unlink(fake, "/data"), -EISDIR);
	assert_int_equal(fake_unlink(fake, "/"), -EISDIR);
	assert_int_equal(fake_unlink(fake, ""), -ENOENT);
	assert_int_equal(fake_unlink(fake, "/nowhere"), -ENOENT);
	assert_int_equal(fake_open(fake, "/data/f", WR | CREATE, 0644), 4);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)), 0);
}

#define WITH_FAKE(f)                                                           \
	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int file_tests(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FAKE(round_trip),   WITH_FAKE(open_flags),
		WITH_FAKE(access_modes), WITH_FAKE(bad_descriptors),
		WITH_FAKE(bad_buffers),  WITH_FAKE(positions),
		WITH_FAKE(appending),    WITH_FAKE(console_descriptors),
		WITH_FAKE(too_many),     WITH_FAKE(unlinking),
	};

	return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
