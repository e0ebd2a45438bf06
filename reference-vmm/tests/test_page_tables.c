/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Walks through page tables, as they are made here and as a guest may leave them. */
#include <string.h>

#include "arch.h"
#include "fake.h"
#include "page_tables.h"

/* Tables of the walk, from the root down, and a page of RAM. */
static const uint64_t table[] = {FAKE_START + 0x10000, FAKE_START + 0x11000,
				 FAKE_START + 0x12000, FAKE_START + 0x13000};
#define PAGE (FAKE_START + 0x14000)
/* A different index in each table: 1, 2, 3, 4. */
#define ADDRESS                                                                \
	(UINT64_C(1) << 39 | UINT64_C(2) << 30 | UINT64_C(3) << 21 |           \
	 UINT64_C(4) << 12 | 0x567)
#define LINK (ENTRY_PRESENT | (arch.entry_page_mask ^ arch.entry_page))
/* A page in a level above the last. */
#define LARGE (ENTRY_PRESENT | arch.entry_page)

static uint64_t *entry(struct fake *fake, unsigned level)
{
	return fake_at(fake, table[level] + (level + 1) * 8);
}

static struct gmem ram_of(const struct fake *fake)
{
	return (struct gmem){(char *)fake->ram, FAKE_START, FAKE_SIZE};
}

static unsigned walk(const struct fake *fake, uint64_t address, uint64_t *leaf)
{
	struct gmem ram = ram_of(fake);

	return page_tables_walk(&ram, table[0], address, leaf);
}

static int setup(void **state)
{
	if (fake_setup(state))
		return -1;
	struct fake *fake = *state;
	for (unsigned level = 0; level < 3; level++)
		*entry(fake, level) = table[level + 1] | LINK;
	*entry(fake, 3) = PAGE | LINK;
	return 0;
}

static void down_to_the_page(void **state)
{
	struct fake *fake = *state;
	uint64_t leaf;

	assert_int_equal(walk(fake, ADDRESS, &leaf), 12);
	assert_int_equal(leaf, PAGE | LINK);
	assert_int_equal(page_tables_address(leaf, ADDRESS, 12), PAGE + 0x567);
	/* In the last table every entry is a page. */
	*entry(fake, 3) = PAGE | LARGE;
	assert_int_equal(walk(fake, ADDRESS, &leaf), 12);
	assert_int_equal(walk(fake, ADDRESS + 0x1000, &leaf), 0);
	assert_int_equal(walk(fake, ADDRESS ^ UINT64_C(1) << 47, &leaf), 0);
}

static void large_pages(void **state)
{
	struct fake *fake = *state;
	uint64_t leaf;

	*entry(fake, 2) = UINT64_C(0x140000000) | LARGE;
	assert_int_equal(walk(fake, ADDRESS, &leaf), 21);
	assert_int_equal(page_tables_address(leaf, ADDRESS, 21),
			 0x140000000 + (ADDRESS & 0x1fffff));
	*entry(fake, 1) = UINT64_C(0x180000000) | LARGE;
	assert_int_equal(walk(fake, ADDRESS, &leaf), 30);
	assert_int_equal(page_tables_address(leaf, ADDRESS, 30),
			 0x180000000 + (ADDRESS & 0x3fffffff));
}

static void not_present(void **state)
{
	struct fake *fake = *state;
	uint64_t leaf;

	for (unsigned level = 0; level < 4; level++) {
		uint64_t kept = *entry(fake, level);
		*entry(fake, level) = kept & ~ENTRY_PRESENT;
		assert_int_equal(walk(fake, ADDRESS, &leaf), 0);
		*entry(fake, level) = 0;
		assert_int_equal(walk(fake, ADDRESS, &leaf), 0);
		*entry(fake, level) = kept;
	}
	assert_int_equal(walk(fake, ADDRESS, &leaf), 12);
}

/* A guest can name any address as a table. */
static void outside_ram(void **state)
{
	struct fake *fake = *state;
	struct gmem ram = ram_of(fake);
	static const uint64_t places[] = {0, FAKE_START - 0x1000, FAKE_END,
					  ENTRY_ADDRESS};
	uint64_t leaf;

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		for (unsigned level = 0; level < 3; level++) {
			uint64_t kept = *entry(fake, level);
			*entry(fake, level) = places[i] | LINK;
			assert_int_equal(walk(fake, ADDRESS, &leaf), 0);
			*entry(fake, level) = kept;
		}
		assert_int_equal(
			page_tables_walk(&ram, places[i], ADDRESS, &leaf), 0);
	}
	/* What an entry of the last table names is not looked at. */
	*entry(fake, 3) = ENTRY_ADDRESS | LINK;
	assert_int_equal(walk(fake, ADDRESS, &leaf), 12);
}

/* An entry that names its own table shows tables as pages, and no walk is endless. */
static void recursive(void **state)
{
	struct fake *fake = *state;
	uint64_t leaf, top = ENTRY_ADDRESS;

	uint64_t *self = fake_at(fake, table[0] + (TABLE_ENTRIES - 1) * 8);
	*self = table[0] | LINK;
	assert_int_equal(walk(fake, top, &leaf), 12);
	assert_int_equal(leaf & ENTRY_ADDRESS, table[0]);
	/* The same entry three times, then that of ADDRESS: the table below the root. */
	assert_int_equal(walk(fake, top << 9 | UINT64_C(1) << 12, &leaf), 12);
	assert_int_equal(leaf & ENTRY_ADDRESS, table[1]);
}

int page_table_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(down_to_the_page, setup,
						fake_teardown),
		cmocka_unit_test_setup_teardown(large_pages, setup,
						fake_teardown),
		cmocka_unit_test_setup_teardown(not_present, setup,
						fake_teardown),
		cmocka_unit_test_setup_teardown(outside_ram, setup,
						fake_teardown),
		cmocka_unit_test_setup_teardown(recursive, setup,
						fake_teardown),
	};

	return cmocka_run_group_tests_name("page tables", tests, NULL, NULL);
}
