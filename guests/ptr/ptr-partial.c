/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each buffer of each call, of which RAM holds 8 bytes. */
#include "fields.h"

GUEST(
	summary = "nothing is stored in a buffer that leaves RAM, and positions stay",
	matrix = [{ over = "versions", cells = [
		{ name = "stored", requirement = "UHY-PTR-017" },
		{ name = "position", requirement = "UHY-PTR-019" }
	] }],
	files = { "data/in" = "0123456789abcdef" }
)

#define INSIDE 8u

static uint64_t block[MAX_BLOCK / 8];

static void expect_refused(const struct uhyve_field *buffer)
{
	field_set(block, buffer, ram_end() - INSIDE);
	call(buffer->call, block);
	expect_eq(call_error(buffer->call, block), UHYVE_EFAULT);
}

static void nothing_stored(uint16_t number)
{
	const struct uhyve_field *to = field_of_kind(number, UHYVE_KIND_DST);
	uint8_t *tail = ram_tail(2 * INSIDE);
	if (!to)
		return;
	memset(tail, 0xee, 2 * INSIDE);
	sample(number, block);
	expect_refused(to);
	expect_filled(tail, 0xee, 2 * INSIDE);
}

/* The position of a directory is not a number: UHY-DENTS-021. */
static void position_kept(uint16_t number)
{
	const struct uhyve_field *fd = field_of_kind(number, UHYVE_KIND_FD);
	const struct uhyve_field *buffer =
		field_of_kind(number, UHYVE_KIND_DST);
	if (!buffer)
		buffer = field_of_kind(number, UHYVE_KIND_SRC);
	if (!fd || !buffer ||
	    uhyve_sample_of(number, fd->name) == UHYVE_SAMPLE_DIRECTORY)
		return;
	ram_tail(INSIDE);
	sample(number, block);
	int32_t of = (int32_t)field_get(block, fd);
	file_lseek(of, 5, UHYVE_SEEK_SET);
	expect_refused(buffer);
	expect_eq(file_lseek(of, 0, UHYVE_SEEK_CUR), 5);
}

void guest_main(void)
{
	const bool position = guest_variant() % 2;
	samples_open();
	const struct uhyve_call_info *info;
	TEST_OF(position ? TEST_ID("UHY-PTR-019") : TEST_ID("UHY-PTR-017"),
		"8 bytes in RAM, the rest beyond it")
	{
		FOR_EACH_CALL_OF(2 + guest_variant() / 2, info)
			(position ? position_kept
				  : nothing_stored)(info->number);
	}
}
