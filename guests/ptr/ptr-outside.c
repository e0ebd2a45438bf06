/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Each pointer of each call in each place where there is no RAM, a run each, so
 * that a hypervisor that crashes on one of them is judged on the others.
 */
#include "fields.h"

GUEST(
	summary = "buffers and paths that do not lie wholly in RAM",
	matrix = [{ over = "pointers", cells = [
		{ name = "behind-by-one", requirement = "UHY-PTR-010", only = "buffers" },
		{ name = "straddles-end", requirement = "UHY-PTR-010", only = "buffers" },
		{ name = "all-of-ram", requirement = "UHY-PTR-010", only = "lengths" },
		{ name = "straddles-start", requirement = "UHY-PTR-011", only = "buffers" },
		{ name = "zero", requirement = "UHY-PTR-012" },
		{ name = "behind-ram", requirement = "UHY-PTR-013" },
		{ name = "wraps", requirement = "UHY-PTR-014" },
		{ name = "bit-52", requirement = "UHY-PTR-015" },
		{ name = "bit-63", requirement = "UHY-PTR-015" },
		{ name = "ram-plus-1", requirement = "UHY-PTR-016", only = "lengths" },
		{ name = "2-to-31", requirement = "UHY-PTR-016", only = "lengths" },
		{ name = "2-to-32", requirement = "UHY-PTR-016", only = "lengths" },
		{ name = "2-to-63", requirement = "UHY-PTR-016", only = "lengths" },
		{ name = "all-ones", requirement = "UHY-PTR-016", only = "lengths" },
		{ name = "back-to-0", requirement = "UHY-PTR-016", only = "lengths" },
		{ name = "back-into-ram", requirement = "UHY-PTR-016", only = "lengths" }
	] }],
	files = { "data/in" = "0123456789abcdef" }
)

struct place {
	const char *id;
	enum { BUFFERS, POINTERS_ALL, LENGTHS } what;
	uint64_t address, len; /* 0: as the sample has it */
};

#define PLACES 16u

/* len: what the buffer holds; good: an address in RAM. */
static struct place place_at(unsigned n, uint64_t len, uint64_t good)
{
	const uint64_t ram = ram_end() - ram_start();
	const struct place places[PLACES] = {
		{TEST_ID("UHY-PTR-010"), BUFFERS, ram_end() - len + 1, 0},
		{TEST_ID("UHY-PTR-010"), BUFFERS, ram_end() - 1, 0},
		{TEST_ID("UHY-PTR-010"), LENGTHS, ram_end() - 16, ram},
		{TEST_ID("UHY-PTR-011"), BUFFERS, ram_start() - 1, 0},
		{TEST_ID("UHY-PTR-012"), POINTERS_ALL, 0, 0},
		{TEST_ID("UHY-PTR-013"), POINTERS_ALL, ram_end(), 0},
		{TEST_ID("UHY-PTR-014"), POINTERS_ALL, UINT64_MAX - 3, 0},
		{TEST_ID("UHY-PTR-015"), POINTERS_ALL, good | 1ull << 52, 0},
		{TEST_ID("UHY-PTR-015"), POINTERS_ALL, good | 1ull << 63, 0},
		{TEST_ID("UHY-PTR-016"), LENGTHS, good, ram + 1},
		{TEST_ID("UHY-PTR-016"), LENGTHS, good, 1ull << 31},
		{TEST_ID("UHY-PTR-016"), LENGTHS, good, 1ull << 32},
		{TEST_ID("UHY-PTR-016"), LENGTHS, good, 1ull << 63},
		{TEST_ID("UHY-PTR-016"), LENGTHS, good, UINT64_MAX},
		{TEST_ID("UHY-PTR-016"), LENGTHS, good, -good},
		{TEST_ID("UHY-PTR-016"), LENGTHS, good,
		 ram_start() + 16 - good},
	};
	return places[n];
}

static bool applies(const struct uhyve_field *field, unsigned n)
{
	struct place place = place_at(n, 1, 0);
	if (place.what == POINTERS_ALL)
		return true;
	if (!field_is_buffer(field))
		return false;
	return place.what == BUFFERS || field_named(field->call, field->length);
}

static void try_cell(const struct uhyve_field *field, unsigned n)
{
	static uint64_t block[MAX_BLOCK / 8];
	sample(field->call, block);
	uint64_t len = field_is_buffer(field) ? buffer_length(block, field) : 0;
	struct place place = place_at(n, len, field_get(block, field));
	ram_tail(MAX_BLOCK);
	field_set(block, field, place.address);
	if (place.len)
		field_set_named(block, field->call, field->length, place.len);
	TEST_OF(place.id, "is reported")
	{
		call(field->call, block);
		if (place.len > ram_end() - ram_start())
			expect_one_of(call_error(field->call, block),
				      UHYVE_EFAULT, UHYVE_EINVAL);
		else
			expect_eq(call_error(field->call, block), UHYVE_EFAULT);
	}
}

/* Finds the field and the place of a variant, as the matrix has them. */
static void run_cell(unsigned variant)
{
	unsigned cells = 0;
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++) {
		if (!field_is_pointer(field) || !call_reports(field->call))
			continue;
		for (unsigned n = 0; n < PLACES; n++)
			if (applies(field, n) && cells++ == variant) {
				try_cell(field, n);
				return;
			}
	}
	guest_no_such_variant();
}

void guest_main(void)
{
	samples_open();
	run_cell(guest_variant());
}
