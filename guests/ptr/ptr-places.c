/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each buffer of each call where it has to be accepted, too. */
#include "fields.h"

GUEST(
	summary = "buffers of every call at the end of RAM and at every alignment",
	matrix = [{ over = "versions", cells = [
		{ name = "last-byte", requirement = "UHY-PTR-003" },
		{ name = "alignments", requirement = "UHY-PTR-007" }
	] }],
	files = { "data/in" = "0123456789abcdef" }
)

#define BEFORE 8u /* bytes before the buffer, which have to stay */

/* Makes a call whose buffer is the end of RAM, or at an alignment in memory. */
static void expect_accepted(const struct uhyve_field *field, uint8_t *memory,
			    unsigned alignment)
{
	static uint64_t block[MAX_BLOCK / 8];
	sample(field->call, block);
	uint64_t len = buffer_length(block, field);
	uint8_t *at = memory ? memory + alignment : ram_tail(BEFORE + len);
	memset(at, 0xee, BEFORE + len);
	at += BEFORE;
	if (field->kind == UHYVE_KIND_SRC)
		memcpy(at, sample_src, len);
	field_set(block, field, (uint64_t)(uintptr_t)at);
	call(field->call, block);
	expect_true(call_error(field->call, block) == 0, field->name);
	expect_filled(at - BEFORE, 0xee, BEFORE);
	/* What it is, the tests of the call say. */
	expect_true(at[0] != 0xee || at[1] != 0xee, "something is there");
}

static void at_the_end(const struct uhyve_field *field)
{
	expect_accepted(field, NULL, 0);
}

static void at_every_alignment(const struct uhyve_field *field)
{
	static uint8_t memory[BEFORE + 8 + sizeof(sample_out)]
		__attribute__((aligned(8)));
	for (unsigned i = 0; i < 8; i++)
		expect_accepted(field, memory, i);
}

void guest_main(void)
{
	const bool aligned = guest_variant() % 2;
	samples_open();
	const struct uhyve_call_info *info;
	const struct uhyve_field *field;
	TEST_OF(aligned ? TEST_ID("UHY-PTR-007") : TEST_ID("UHY-PTR-003"),
		"each buffer is accepted")
	{
		FOR_EACH_CALL_OF(2 + guest_variant() / 2, info)
			for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
				if (field->call == info->number &&
				    field_is_buffer(field))
					(aligned ? at_every_alignment
						 : at_the_end)(field);
	}
}
