/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each descriptor field of calls.def with each kind of descriptor, a run each. */
#include "fields.h"

GUEST(
	summary = "descriptors that are not open",
	requirements = ["UHY-ERR-008"],
	matrix = [{ over = "descriptors", cells = [
		{ name = "minus-1", requirement = "UHY-ERR-008" },
		{ name = "INT_MIN", requirement = "UHY-ERR-008" },
		{ name = "3", requirement = "UHY-ERR-009" },
		{ name = "INT_MAX", requirement = "UHY-ERR-009" },
		{ name = "closed", requirement = "UHY-ERR-009" }
	] }],
	files = { "data/in" = "0123456789abcdef" }
)

static const struct uhyve_field *nth_descriptor(unsigned n)
{
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field->kind == UHYVE_KIND_FD && n-- == 0)
			return field;
	return NULL;
}

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	const struct uhyve_field *field = nth_descriptor(guest_variant() / 5);
	unsigned value = guest_variant() % 5;
	plan(1);
	/* Nothing was opened before, so that 3 never was. */
	int32_t descriptors[5] = {-1, INT32_MIN, 3, INT32_MAX, 3};
	sample_fd_in = sample_fd_out = 3;
	if (value == 4) {
		descriptors[4] = file_open("/data/in", UHYVE_O_RDONLY, 0);
		file_close(descriptors[4]);
	}
	TEST(value < 2 ? "UHY-ERR-008" : "UHY-ERR-009", "is reported") {
		const struct uhyve_field *len;
		for (unsigned i = 0; (len = uhyve_field_at(i)); i++)
			if (len->call == field->call)
				field_set(
					block, len,
					field_is_buffer(len)
						? uhyve_gpa_of(sample_out).addr
					: len->kind == UHYVE_KIND_LEN ? 64
					: len->kind == UHYVE_KIND_RET
						? (uint64_t)UNANSWERED
						: 0);
		field_set(block, field, (uint32_t)descriptors[value]);
		call(field->call, block);
		expect_eq(call_error(field->call, block), UHYVE_EBADF);
	}
}
