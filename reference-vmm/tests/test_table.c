/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table: which numbers there are, and what dispatch does with blocks,
 * whatever the handler.
 */
#include <limits.h>
#include <string.h>

#include "fake.h"

static void numbers(void **state)
{
	static struct call_table table;
	unsigned found = 0;

	(void)state;
	call_table_init(&table);
	for (uint64_t number = 0; number < 0x20000; number++) {
		const struct call_row *row = call_find(&table, number);
		const char *name = uhyve_number_name(number);
		found += row != NULL;
		if (!name) {
			assert_true(!row || row->since == 1);
			continue;
		}
		assert_non_null(row);
		assert_string_equal(row->name, name);
		assert_int_equal(row->since, uhyve_number_since(number));
		assert_int_equal(uhyve_name_number(name), number);
	}
	assert_int_equal(found, table.count);
	/* The whole number counts. */
	assert_null(call_find(&table, UHYVE_EXIT | UINT64_C(1) << 32));
	assert_null(call_find(&table, UHYVE_EXIT | UINT64_C(1) << 16));
	assert_null(call_find(&table, UINT64_MAX));
	assert_null(uhyve_number_name(UHYVE_EXIT | UINT64_C(1) << 32));
	assert_int_equal(uhyve_number_since(0x1060), 0);
	assert_int_equal(uhyve_name_number("exit"), 0);
	assert_int_equal(uhyve_name_number("Exi"), 0);
	assert_int_equal(uhyve_name_number(""), 0);
	assert_int_equal(uhyve_name_number(NULL), 0);
}

/* The outputs, from the fields; blocks without any are never written. */
static void outputs(void **state)
{
	static const struct {
		uint16_t number, offset, size;
	} cases[] = {
		{UHYVE_SERIAL_READ_BUFFER, 8, 8},
		{UHYVE_FILE_WRITE, 8, 8},
		{UHYVE_FILE_READ, 8, 8},
		{UHYVE_FILE_OPEN, 16, 4},
		{UHYVE_FILE_CLOSE, 4, 4},
		{UHYVE_FILE_LSEEK, 0, 8},
		{UHYVE_FILE_UNLINK, 8, 4},
		{UHYVE_GETDENTS, 24, 16},
		{UHYVE_FILE_STAT, 24, 8},
		{UHYVE_FILE_FSTAT, 16, 8},
		{UHYVE_MKDIR, 16, 8},
		{UHYVE_V1_FILE_READ, 20, 8},
		{UHYVE_V1_FILE_LSEEK, 4, 8},
		{UHYVE_V1_CMDSIZE, 0, 1032},
	};
	static struct call_table table;

	(void)state;
	call_table_init(&table);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct call_row *row = call_find(&table, cases[i].number);
		assert_int_equal(row->out_offset, cases[i].offset);
		assert_int_equal(row->out_size, cases[i].size);
	}
	for (unsigned i = 0; i < table.count; i++)
		assert_true(table.rows[i].out_offset + table.rows[i].out_size <=
			    table.rows[i].block_size);
	assert_int_equal(call_find(&table, UHYVE_SERIAL_WRITE_BUFFER)->out_size,
			 0);
	assert_int_equal(call_find(&table, UHYVE_V1_FILE_WRITE)->out_size, 0);
}

/* Numbers without a handler leave everything as it is. */
static void not_offered(void **state)
{
	static const uint64_t numbers[] = {
		0,       0x1000, 0x1011,     0x1018, 0x1060,
		0x1070,  0x11a0, 0x1400,     0xcf8,  UHYVE_SHARED_MEM_OPEN,
		0x1220,  0xffff, UINT64_MAX, 0x640,  UHYVE_SHARED_MEM_CLOSE,
		0x11110,
	};
	struct fake *fake = *state;
	static uint8_t before[FAKE_SIZE];

	memset(fake->ram, 0x5a, FAKE_SIZE);
	memcpy(before, fake->ram, FAKE_SIZE);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		assert_int_equal(fake_call(fake, numbers[i], FAKE_BLOCK),
				 CALL_UNKNOWN);
		assert_int_equal(fake_call(fake, numbers[i], UINT64_MAX),
				 CALL_UNKNOWN);
		assert_int_equal(fake_read(fake, numbers[i]), 0);
	}
	/* A number that is read has no meaning as a write, and the reverse. */
	assert_int_equal(fake_call(fake, UHYVE_SERIAL_READ_BYTE, FAKE_BLOCK),
			 CALL_UNKNOWN);
	assert_int_equal(fake_read(fake, UHYVE_FILE_CLOSE), 0);
	assert_int_equal(fake_read(fake, UHYVE_EXIT), 0);
	assert_memory_equal(before, fake->ram, FAKE_SIZE);
}

/* Every call with a block, at every kind of place outside RAM. */
static void bad_blocks(void **state)
{
	struct fake *fake = *state;
	static uint8_t before[FAKE_SIZE];

	memset(fake->ram, 0xff, FAKE_SIZE);
	memcpy(before, fake->ram, FAKE_SIZE);
	for (unsigned i = 0; i < fake->table.count; i++) {
		const struct call_row *row = &fake->table.rows[i];
		const uint64_t bad[] = {
			0,
			1,
			FAKE_START - 1,
			FAKE_START - row->block_size,
			FAKE_START - row->block_size + 1,
			FAKE_END,
			FAKE_END - row->block_size + 1,
			FAKE_START | UINT64_C(1) << 52,
			UINT64_C(1) << 63,
			UINT64_MAX,
			UINT64_MAX - row->block_size + 1,
		};
		if (row->argument != UHYVE_ARGUMENT_BLOCK)
			continue;
		for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
			assert_int_equal(fake_call(fake, row->number, bad[k]),
					 CALL_FAULT);
			assert_non_null(fake->call.fault);
		}
	}
	assert_memory_equal(before, fake->ram, FAKE_SIZE);
}

/*
 * Every call with a block of garbage, which is not valid input for any of them,
 * at the edges of RAM and unaligned: only outputs change.
 */
static void only_outputs(void **state)
{
	struct fake *fake = *state;
	static uint8_t before[FAKE_SIZE];

	for (unsigned i = 0; i < fake->table.count; i++) {
		const struct call_row *row = &fake->table.rows[i];
		const uint64_t places[] = {FAKE_START, FAKE_BLOCK + 1,
					   FAKE_END - row->block_size};
		if (row->argument != UHYVE_ARGUMENT_BLOCK ||
		    row->number == UHYVE_V1_EXIT ||
		    row->number == UHYVE_V1_CMDVAL)
			continue;
		for (size_t k = 0; k < 3; k++) {
			uint64_t out = places[k] + row->out_offset - FAKE_START;
			memset(fake->ram, 0xfe, FAKE_SIZE);
			memcpy(before, fake->ram, FAKE_SIZE);
			assert_int_equal(
				fake_call(fake, row->number, places[k]),
				CALL_RESUME);
			memset(before + out, 0, row->out_size);
			memset(fake->ram + out, 0, row->out_size);
			assert_memory_equal(before, fake->ram, FAKE_SIZE);
		}
	}
}

static void exits(void **state)
{
	static const struct {
		uint64_t argument;
		int32_t code;
	} cases[] = {
		{0, 0},
		{42, 42},
		{0xffffffff, -1},
		{UINT64_MAX, -1},
		{0x80000000, INT_MIN},
		{UINT64_C(0xfff0000000000007), 7},
		{UINT64_C(0x100000000), 0},
	};
	struct fake *fake = *state;
	int32_t code = -5;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(fake_call(fake, UHYVE_EXIT, cases[i].argument),
				 CALL_EXIT);
		assert_int_equal(fake->call.exit_code, cases[i].code);
	}
	memcpy(fake_at(fake, FAKE_BLOCK), &code, sizeof(code));
	assert_int_equal(fake_call(fake, UHYVE_V1_EXIT, FAKE_BLOCK), CALL_EXIT);
	assert_int_equal(fake->call.exit_code, -5);
}

#define WITH_FAKE(f)                                                           \
	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int table_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers), cmocka_unit_test(outputs),
		WITH_FAKE(not_offered),    WITH_FAKE(bad_blocks),
		WITH_FAKE(only_outputs),   WITH_FAKE(exits),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
