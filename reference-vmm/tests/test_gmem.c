/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The range rule, at its edges and on every small range. */
#include <errno.h>
#include <string.h>

#include "fake.h"

#define TOP UINT64_MAX

static void edges(void **state)
{
	const struct gmem mem = {(char *)1, FAKE_START, FAKE_SIZE};
	static const struct {
		uint64_t addr, len;
		bool valid;
	} cases[] = {
		{FAKE_START, 1, true},
		{FAKE_START, FAKE_SIZE, true},
		{FAKE_START, FAKE_SIZE + 1, false},
		{FAKE_START - 1, 1, false},
		{FAKE_START - 1, 2, false},
		{FAKE_END - 1, 1, true},
		{FAKE_END - 1, 2, false},
		{FAKE_END, 1, false},
		{FAKE_END - 8, 8, true},
		{FAKE_END - 7, 8, false},
		{0, 1, false},
		{0, TOP, false},
		{TOP, 1, false},
		{TOP, TOP, false},
		{FAKE_START, TOP, false},
		{FAKE_START + 1, TOP, false},
		{FAKE_START, TOP - FAKE_START + 1, false},
		{FAKE_START + 8, TOP - FAKE_START - 7, false},
		{TOP - FAKE_START, FAKE_START + 2, false},
		{FAKE_START, UINT64_C(1) << 63, false},
		{FAKE_START | UINT64_C(1) << 52, 1, false},
		{0, 0, true},
		{FAKE_END, 0, true},
		{TOP, 0, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (gmem_valid(&mem, cases[i].addr, cases[i].len) !=
		    cases[i].valid)
			fail_msg("case %zu", i);
}

/* Every address and length of a small space, against unbounded integers. */
static void exhaustive(void **state)
{
	(void)state;
	for (unsigned start = 0; start < 12; start++)
		for (unsigned size = 0; size < 8; size++)
			for (unsigned addr = 0; addr < 24; addr++)
				for (unsigned len = 0; len < 24; len++) {
					struct gmem mem = {(char *)1, start,
							   size};
					bool valid =
						len == 0 ||
						(addr >= start &&
						 addr + len <= start + size);
					assert_int_equal(
						gmem_valid(&mem, addr, len),
						valid);
				}
}

/* RAM that ends with the address space. */
static void at_the_top(void **state)
{
	const struct gmem mem = {(char *)1, TOP - 0xfff, 0x1000};

	(void)state;
	assert_true(gmem_valid(&mem, TOP, 1));
	assert_false(gmem_valid(&mem, TOP, 2));
	assert_true(gmem_valid(&mem, TOP - 0xfff, 0x1000));
	assert_false(gmem_valid(&mem, TOP - 0xfff, 0x1001));
	assert_false(gmem_valid(&mem, TOP - 0xfff, TOP));
}

static void copies(void **state)
{
	struct fake *fake = *state;
	const struct gmem *mem = &fake->services.mem;
	struct uhyve_gpa last = {FAKE_END - 8}, behind = {FAKE_END - 7};
	uint64_t value = UINT64_C(0x1122334455667788), back = 0;

	assert_int_equal(gmem_store(mem, last, &value, 8), 0);
	assert_int_equal(gmem_load(mem, last, &back, 8), 0);
	assert_true(back == value);
	back = 0;
	assert_int_equal(gmem_store(mem, behind, &back, 8), -EFAULT);
	assert_int_equal(gmem_load(mem, behind, &back, 8), -EFAULT);
	assert_true(back == 0);
	assert_memory_equal(fake_at(fake, FAKE_END - 8), &value, 8);
	assert_ptr_equal(gmem_at(mem, last, 8), fake_at(fake, FAKE_END - 8));
	assert_null(gmem_at(mem, behind, 8));
	assert_non_null(gmem_at(mem, behind, 0));
	assert_non_null(gmem_at(mem, (struct uhyve_gpa){0}, 0));
}

static ptrdiff_t string(struct fake *fake, uint64_t addr, char *to, size_t size)
{
	return gmem_string(&fake->services.mem, (struct uhyve_gpa){addr}, to,
			   size);
}

static void strings(void **state)
{
	struct fake *fake = *state;
	char to[16];

	memcpy(fake_at(fake, FAKE_END - 4), "abc", 4);
	assert_int_equal(string(fake, FAKE_END - 4, to, sizeof(to)), 3);
	assert_string_equal(to, "abc");
	assert_int_equal(string(fake, FAKE_END - 1, to, 1), 0);
	assert_int_equal(string(fake, FAKE_END, to, sizeof(to)), -EFAULT);
	assert_int_equal(string(fake, 0, to, sizeof(to)), -EFAULT);
	assert_int_equal(string(fake, TOP, to, sizeof(to)), -EFAULT);
	/* RAM ends before the NUL. */
	memcpy(fake_at(fake, FAKE_END - 4), "abcd", 4);
	assert_int_equal(string(fake, FAKE_END - 4, to, sizeof(to)), -EFAULT);
	/* The room ends before the NUL, or with it. */
	assert_int_equal(string(fake, FAKE_END - 4, to, 4), -ENAMETOOLONG);
	memcpy(fake_at(fake, FAKE_NAME), "abc", 4);
	assert_int_equal(string(fake, FAKE_NAME, to, 3), -ENAMETOOLONG);
	assert_int_equal(string(fake, FAKE_NAME, to, 4), 3);
}

int gmem_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges),
		cmocka_unit_test(exhaustive),
		cmocka_unit_test(at_the_top),
		cmocka_unit_test_setup_teardown(copies, fake_setup,
						fake_teardown),
		cmocka_unit_test_setup_teardown(strings, fake_setup,
						fake_teardown),
	};

	return cmocka_run_group_tests_name("guest memory", tests, NULL, NULL);
}
