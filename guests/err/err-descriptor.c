/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each descriptor field of calls.def with each kind of descriptor, a run each. */
#include "fields.h"

GUEST(
	summary = "descriptors that are not open, and the standard ones",
	matrix = [{ over = "descriptors", cells = [
		{ name = "minus-1", requirement = "UHY-ERR-008" },
		{ name = "INT_MIN", requirement = "UHY-ERR-008" },
		{ name = "3", requirement = "UHY-ERR-009" },
		{ name = "INT_MAX", requirement = "UHY-ERR-009" },
		{ name = "closed", requirement = "UHY-ERR-009" },
		{ name = "0", requirement = "UHY-ERR-003" },
		{ name = "1", requirement = "UHY-ERR-003" },
		{ name = "2", requirement = "UHY-ERR-003" }
	] }],
	files = { "data/in" = "0123456789abcdef" }
)

static const struct uhyve_field *nth_descriptor(unsigned n)
{
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field->kind == UHYVE_KIND_FD && n-- == 0)
			return field;
	guest_no_such_variant();
}

#define KINDS 8u /* cells of the matrix, in its order */
#define CLOSED 4u
#define STANDARD 5u /* the first of three */

/*
 * Fills the block for a call on fd; a transfer of len bytes goes to or from
 * sample_src.
 */
static void fill(const struct uhyve_field *descriptor, void *block, int32_t fd,
		 uint64_t len)
{
	memcpy(sample_src, "# sample 123456\n", 16);
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field->call == descriptor->call)
			field_set(
				block, field,
				field_is_buffer(field)
					? uhyve_gpa_of(
						  field->kind == UHYVE_KIND_SRC
							  ? sample_src
							  : sample_out)
						  .addr
				: field->kind == UHYVE_KIND_LEN ? len
				: field->kind == UHYVE_KIND_RET
					? (uint64_t)UNANSWERED
					: 0);
	field_set(block, descriptor, (uint32_t)fd);
}

/* True if the call has a length, and 0 is not an error of its own. */
static bool may_be_empty(uint16_t number)
{
	const struct uhyve_field *len = field_of_kind(number, UHYVE_KIND_LEN);
	return len && uhyve_sample_of(number, len->name) != UHYVE_SAMPLE_ROOM;
}

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	const struct uhyve_field *field =
		nth_descriptor(guest_variant() / KINDS);
	unsigned kind = guest_variant() % KINDS;
	/* Nothing was opened before, so that 3 never was. */
	int32_t descriptors[KINDS] = {-1, INT32_MIN, 3, INT32_MAX, 3, 0, 1, 2};
	if (kind == CLOSED) {
		descriptors[CLOSED] = file_open("/data/in", UHYVE_O_RDONLY, 0);
		file_close(descriptors[CLOSED]);
	}
	fill(field, block, descriptors[kind], 16);
	TEST_OF(kind >= STANDARD ? TEST_ID("UHY-ERR-003")
		: kind < 2       ? TEST_ID("UHY-ERR-008")
				 : TEST_ID("UHY-ERR-009"),
		"is reported")
	{
		call(field->call, block);
		if (kind >= STANDARD)
			expect_between(call_error(field->call, block), 0,
				       UHYVE_ERRNO_MAX);
		else
			expect_eq(call_error(field->call, block), UHYVE_EBADF);
		if (kind < STANDARD && may_be_empty(field->call)) {
			fill(field, block, descriptors[kind], 0);
			call(field->call, block);
			expect_eq(call_error(field->call, block), UHYVE_EBADF);
		}
	}
}
