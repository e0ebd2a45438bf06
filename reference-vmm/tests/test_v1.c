/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Version 1: guest-virtual buffers over scattered pages, arguments. */
#include <errno.h>
#include <string.h>

#include "fake.h"

/* Virtual page n is physical page 15 - n; page 3 is not mapped. */
static int walk(void *context, unsigned vcpu, uint64_t gva,
		struct uhyve_gpa *gpa)
{
	uint64_t page = gva / 4096;

	(void)context;
	assert_int_equal(vcpu, 0);
	if (page >= 16 || page == 3)
		return -EFAULT;
	gpa->addr = FAKE_START + (15 - page) * 4096 + gva % 4096;
	return 0;
}

#define BLOCK (FAKE_START + 0x18000)

static int64_t v1_read(struct fake *fake, int32_t fd, uint64_t buf,
		       uint64_t len)
{
	struct uhyve_v1_read_params p = {fd, buf, len, -77};

	memcpy(fake_at(fake, BLOCK), &p, sizeof(p));
	assert_int_equal(fake_call(fake, UHYVE_V1_FILE_READ, BLOCK),
			 CALL_RESUME);
	memcpy(&p, fake_at(fake, BLOCK), sizeof(p));
	return p.ret;
}

static void v1_write(struct fake *fake, int32_t fd, uint64_t buf, uint64_t len)
{
	const struct uhyve_v1_write_params p = {fd, buf, len};

	memcpy(fake_at(fake, BLOCK), &p, sizeof(p));
	assert_int_equal(fake_call(fake, UHYVE_V1_FILE_WRITE, BLOCK),
			 CALL_RESUME);
	assert_memory_equal(fake_at(fake, BLOCK), &p, sizeof(p));
}

static void pages(void **state)
{
	struct fake *fake = *state;
	char text[16];
	int32_t fd =
		fake_open(fake, "/data/f", UHYVE_O_RDWR | UHYVE_O_CREAT, 0644);

	fake->services.walk = walk;
	/* "abcdef" over the end of virtual page 0. */
	memcpy(fake_at(fake, FAKE_START + 0xfffd), "abc", 3);
	memcpy(fake_at(fake, FAKE_START + 0xe000), "def", 3);
	v1_write(fake, fd, 0xffd, 6);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)), 6);
	assert_string_equal(text, "abcdef");
	v1_write(fake, 1, 0xffd, 6);
	assert_console(fake, "abcdef");
	/* And back to the end of page 1. */
	assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_SET), 0);
	assert_int_equal(v1_read(fake, fd, 0x1ffe, 100), 6);
	assert_memory_equal(fake_at(fake, FAKE_START + 0xeffe), "ab", 2);
	assert_memory_equal(fake_at(fake, FAKE_START + 0xd000), "cdef", 4);
}

static void bad_pages(void **state)
{
	struct fake *fake = *state;
	char text[16];
	int32_t fd =
		fake_open(fake, "/data/f", UHYVE_O_RDWR | UHYVE_O_CREAT, 0644);

	fake->services.walk = walk;
	memcpy(fake_at(fake, FAKE_BUFFER), "abc", 3);
	assert_int_equal(fake_file_write(fake, fd, FAKE_BUFFER, 3), 3);
	assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_SET), 0);
	assert_int_equal(v1_read(fake, fd, 0x2fff, 2), -EFAULT);
	assert_int_equal(v1_read(fake, fd, 0x3000, 1), -EFAULT);
	assert_int_equal(v1_read(fake, fd, 0xffff, 2), -EFAULT);
	assert_int_equal(v1_read(fake, fd, 0, UINT64_MAX), -EFAULT);
	assert_int_equal(v1_read(fake, fd, UINT64_MAX, 2), -EFAULT);
	assert_int_equal(v1_read(fake, fd, UINT64_MAX, 0), 0);
	assert_int_equal(v1_read(fake, 99, 0, 1), -EBADF);
	assert_int_equal(v1_read(fake, 99, 0, 0), -EBADF);
	v1_write(fake, fd, 0x2fff, 2);
	v1_write(fake, 99, 0, 1);
	v1_write(fake, fd, 0, 0);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)), 3);
	assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_CUR), 0);
	/* Without an architecture nothing is mapped. */
	fake->services.walk = NULL;
	assert_int_equal(v1_read(fake, fd, 0, 1), -EFAULT);
}

/* Page 3 is there until the walk has been asked that often. */
static unsigned walks_left;
static int vanishing_walk(void *context, unsigned vcpu, uint64_t gva,
			  struct uhyve_gpa *gpa)
{
	if (gva / 4096 != 3)
		return walk(context, vcpu, gva, gpa);
	if (walks_left-- == 0)
		return -EFAULT;
	gpa->addr = FAKE_START + 12 * 4096 + gva % 4096;
	return 0;
}

/*
 * Another vCPU takes a page away after all of them were looked at: a first page
 * gives the error, a later one the count so far.
 */
static void pages_that_vanish(void **state)
{
	struct fake *fake = *state;
	char text[16];
	int32_t fd =
		fake_open(fake, "/data/f", UHYVE_O_RDWR | UHYVE_O_CREAT, 0644);

	memcpy(fake_at(fake, FAKE_BUFFER), "abcdef", 6);
	assert_int_equal(fake_file_write(fake, fd, FAKE_BUFFER, 6), 6);
	assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_SET), 0);
	fake->services.walk = vanishing_walk;
	walks_left = 1;
	assert_int_equal(v1_read(fake, fd, 0x3000, 6), -EFAULT);
	assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_CUR), 0);
	walks_left = 1;
	assert_int_equal(v1_read(fake, fd, 0x2ffe, 6), 2);
	assert_memory_equal(fake_at(fake, FAKE_START + 0xdffe), "ab", 2);
	assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_CUR), 2);
	walks_left = 2;
	assert_int_equal(v1_read(fake, fd, 0x2ffe, 4), 4);
	/* What was written before the page was missed stays. */
	walks_left = 1;
	v1_write(fake, fd, 0x2ffe, 6);
	assert_int_equal(host_read(fake->data, "f", text, sizeof(text)), 8);
}

static int64_t v1_lseek(struct fake *fake, int32_t fd, int64_t offset,
			int32_t whence)
{
	struct uhyve_v1_lseek_params p = {fd, offset, whence};

	memcpy(fake_at(fake, BLOCK), &p, sizeof(p));
	assert_int_equal(fake_call(fake, UHYVE_V1_FILE_LSEEK, BLOCK),
			 CALL_RESUME);
	memcpy(&p, fake_at(fake, BLOCK), sizeof(p));
	return p.offset;
}

static void the_others(void **state)
{
	struct fake *fake = *state;
	const struct uhyve_v1_serial_write_params serial = {{FAKE_BUFFER}, 3};
	int32_t fd =
		fake_open(fake, "/data/f", UHYVE_O_RDWR | UHYVE_O_CREAT, 0644);

	assert_int_equal(v1_lseek(fake, fd, 5, UHYVE_SEEK_SET), 5);
	assert_int_equal(v1_lseek(fake, fd, -6, UHYVE_SEEK_CUR), -1);
	assert_int_equal(v1_lseek(fake, fd, 0, -1), -1);
	assert_int_equal(v1_lseek(fake, 99, 0, 0), -1);
	memcpy(fake_at(fake, FAKE_BUFFER), "abc", 3);
	memcpy(fake_at(fake, BLOCK), &serial, sizeof(serial));
	assert_int_equal(fake_call(fake, UHYVE_V1_SERIAL_WRITE_BUFFER, BLOCK),
			 CALL_RESUME);
	assert_int_equal(fake_call(fake, UHYVE_V1_SERIAL_WRITE_BYTE, 'd'),
			 CALL_RESUME);
	assert_console(fake, "abcd");
}

static const char *const arguments[] = {"path/image", "", "two words"};
static const char *const variables[] = {"A=1", "LONGER=value"};

static void argument_sizes(void **state)
{
	struct fake *fake = *state;
	struct uhyve_v1_cmdsize_params p;

	fake->services.argv = arguments;
	fake->services.argc = 3;
	fake->services.envp = variables;
	fake->services.envc = 2;
	memset(fake_at(fake, BLOCK), 0x5a, sizeof(p) + 1);
	assert_int_equal(fake_call(fake, UHYVE_V1_CMDSIZE, BLOCK), CALL_RESUME);
	memcpy(&p, fake_at(fake, BLOCK), sizeof(p));
	assert_int_equal(p.argc, 3);
	assert_int_equal(p.argsz[0], 11);
	assert_int_equal(p.argsz[1], 1);
	assert_int_equal(p.argsz[2], 10);
	assert_int_equal(p.argsz[3], 0);
	assert_int_equal(p.envc, 2);
	assert_int_equal(p.envsz[1], 13);
	assert_int_equal(p.envsz[127], 0);
	assert_int_equal(*(uint8_t *)fake_at(fake, BLOCK + sizeof(p)), 0x5a);
}

static void argument_values(void **state)
{
	struct fake *fake = *state;
	const struct uhyve_v1_cmdval_params p = {{FAKE_BUFFER},
						 {FAKE_BUFFER + 24}};
	uint64_t slots[5];

	fake->services.argv = arguments;
	fake->services.argc = 3;
	fake->services.envp = variables;
	fake->services.envc = 2;
	for (unsigned i = 0; i < 5; i++)
		slots[i] = FAKE_BUFFER + 0x100 + i * 0x20;
	memcpy(fake_at(fake, FAKE_BUFFER), slots, sizeof(slots));
	memcpy(fake_at(fake, BLOCK), &p, sizeof(p));
	assert_int_equal(fake_call(fake, UHYVE_V1_CMDVAL, BLOCK), CALL_RESUME);
	assert_string_equal(fake_at(fake, slots[0]), "path/image");
	assert_string_equal(fake_at(fake, slots[1]), "");
	assert_string_equal(fake_at(fake, slots[2]), "two words");
	assert_string_equal(fake_at(fake, slots[3]), "A=1");
	assert_string_equal(fake_at(fake, slots[4]), "LONGER=value");
	/* A place outside RAM cannot be reported. */
	slots[1] = FAKE_END;
	memcpy(fake_at(fake, FAKE_BUFFER), slots, sizeof(slots));
	assert_int_equal(fake_call(fake, UHYVE_V1_CMDVAL, BLOCK), CALL_FAULT);
	slots[1] = slots[0];
	slots[3] = FAKE_END - 3;
	memcpy(fake_at(fake, FAKE_BUFFER), slots, sizeof(slots));
	assert_int_equal(fake_call(fake, UHYVE_V1_CMDVAL, BLOCK), CALL_FAULT);
	assert_string_equal(fake->call.fault,
			    "an argument's place is not in guest memory");
}

/* Version 1 has room for 128: the others are not given (UHY-V1-016). */
static void too_many_arguments(void **state)
{
	struct fake *fake = *state;
	const struct uhyve_v1_cmdval_params p = {{FAKE_BUFFER}, {FAKE_END}};
	struct uhyve_v1_cmdsize_params sizes;
	const char *many[UHYVE_V1_MAX_ARGS + 1];
	uint64_t slot;

	for (unsigned i = 0; i <= UHYVE_V1_MAX_ARGS; i++) {
		many[i] = "x";
		slot = FAKE_BUFFER + 0x800 + 2 * i;
		memcpy(fake_at(fake, FAKE_BUFFER + 8 * i), &slot, 8);
	}
	memset(fake_at(fake, FAKE_BUFFER + 0x800), '.',
	       2 * (UHYVE_V1_MAX_ARGS + 1));
	fake->services.argv = many;
	fake->services.argc = UHYVE_V1_MAX_ARGS + 1;
	assert_int_equal(fake_call(fake, UHYVE_V1_CMDSIZE, BLOCK), CALL_RESUME);
	memcpy(&sizes, fake_at(fake, BLOCK), sizeof(sizes));
	assert_int_equal(sizes.argc, UHYVE_V1_MAX_ARGS);
	memcpy(fake_at(fake, BLOCK), &p, sizeof(p));
	assert_int_equal(fake_call(fake, UHYVE_V1_CMDVAL, BLOCK), CALL_RESUME);
	slot = FAKE_BUFFER + 0x800 + 2 * UHYVE_V1_MAX_ARGS;
	assert_memory_equal(fake_at(fake, slot - 2), "x\0..", 4);
}

#define WITH_FAKE(f)                                                           \
	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int v1_tests(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FAKE(pages),
		WITH_FAKE(bad_pages),
		WITH_FAKE(the_others),
		WITH_FAKE(argument_sizes),
		WITH_FAKE(argument_values),
		WITH_FAKE(too_many_arguments),
		WITH_FAKE(pages_that_vanish),
	};

	return cmocka_run_group_tests_name("version 1", tests, NULL, NULL);
}
