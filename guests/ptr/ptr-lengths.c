/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each buffer whose length is a field, with lengths for which RAM has room. */
#include "fields.h"

GUEST(
	summary = "buffers of lengths around one page",
	matrix = [{ over = "pointers", cells = [
		{ name = "1", only = "lengths" },
		{ name = "4095", only = "lengths" },
		{ name = "4096", only = "lengths" },
		{ name = "4097", only = "lengths" }
	] }],
	files = { "data/in" = "0123456789abcdef" }
)

#define LENGTHS 4u

/* The n-th buffer whose length is a field, of the calls that report errors. */
static const struct uhyve_field *nth_buffer(unsigned n)
{
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field_is_buffer(field) && call_reports(field->call) &&
		    field_named(field->call, field->length) && n-- == 0)
			return field;
	guest_no_such_variant();
}

void guest_main(void)
{
	static const uint64_t lengths[LENGTHS] = {1, 4095, 4096, 4097};
	static uint8_t buffer[4097];
	static uint64_t block[MAX_BLOCK / 8];
	const struct uhyve_field *field = nth_buffer(guest_variant() / LENGTHS);
	samples_open();
	TEST("UHY-PTR-001", "there is no EFAULT") {
		sample(field->call, block);
		field_set(block, field, uhyve_gpa_of(buffer).addr);
		field_set_named(block, field->call, field->length,
				lengths[guest_variant() % LENGTHS]);
		call(field->call, block);
		/* A directory entry has more than one byte. */
		expect_one_of(call_error(field->call, block), 0, UHYVE_EINVAL);
	}
}
