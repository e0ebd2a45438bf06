/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "what calls write, and what they leave unchanged",
	matrix = [{ over = "versions", cells = [
		{ name = "inputs", requirement = "UHY-BLOCK-020" },
		{ name = "padding", requirement = "UHY-BLOCK-021" },
		{ name = "guards", requirement = "UHY-BLOCK-022" },
		{ name = "result-before", requirement = "UHY-BLOCK-023" },
		{ name = "result-whole", requirement = "UHY-BLOCK-024" },
		{ name = "input-buffers", requirement = "UHY-BLOCK-027" }
	] }],
	files = { "data/in" = "0123456789abcdef" }
)

/* A block with guards on both sides, all of it filled with a pattern. */
static uint8_t memory[192] __attribute__((aligned(64)));
static uint8_t *const block = memory + 64;

static void prepare(uint16_t number, uint8_t pattern)
{
	memset(memory, pattern, sizeof(memory));
	sample(number, block);
}

static void set_padding(uint16_t number, uint8_t byte)
{
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field->call == number && field->direction == UHYVE_PAD)
			memset(block + field->offset, byte, field->size);
}

/* Makes the call that was prepared. */
static void expect_inputs_kept(uint16_t number)
{
	uint8_t before[MAX_BLOCK];
	memcpy(before, block, sizeof(before));
	call(number, block);
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field->call == number && field->direction == UHYVE_IN)
			expect_memory(block + field->offset,
				      before + field->offset, field->size,
				      field->name);
}

/*
 * Of a call that succeeds and of one that fails. That a FileWrite can fail is
 * another requirement (UHY-ERR-007).
 */
static void inputs_unchanged(const struct uhyve_call_info *info)
{
	uint16_t number = info->number;
	const struct uhyve_field *path = field_of_kind(number, UHYVE_KIND_PATH);
	const struct uhyve_field *fd = field_of_kind(number, UHYVE_KIND_FD);
	prepare(number, 0);
	expect_inputs_kept(number);
	expect_true(call_error(number, block) == 0, "the call succeeds");
	if (field_of_kind(number, UHYVE_KIND_SRC))
		return;
	prepare(number, 0);
	if (path)
		field_set(block, path, uhyve_gpa_of("/data/none/f").addr);
	if (fd)
		field_set(block, fd, 4711);
	expect_inputs_kept(number);
}

static void padding_kept(uint16_t number, uint8_t byte)
{
	prepare(number, 0);
	set_padding(number, byte);
	call(number, block);
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++) {
		if (field->call != number || field->direction != UHYVE_PAD)
			continue;
		for (unsigned at = 0; at < field->size; at++)
			expect_one_of(block[field->offset + at], 0, byte);
	}
	expect(true);
}

static void padding_unchanged(const struct uhyve_call_info *info)
{
	padding_kept(info->number, 0xa5);
	padding_kept(info->number, 0);
}

static void guards_unchanged(const struct uhyve_call_info *info)
{
	prepare(info->number, 0xa5);
	call(info->number, block);
	expect_filled(memory, 0xa5, 64);
	expect_filled(block + info->block_size, 0xa5, 128u - info->block_size);
	/* FileRead stores 16 bytes, the calls of interface 3 some more. */
	expect_filled(sample_out + (info->since == 2 ? 16 : 400), 0xee, 64);
}

static void result_independent(const struct uhyve_call_info *info)
{
	uint16_t number = info->number;
	const struct uhyve_field *field;
	for (unsigned value = 0; value < 256; value += 85) {
		prepare(number, 0);
		for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
			if (field->call == number &&
			    field->direction == UHYVE_OUT)
				memset(block + field->offset, (int)value,
				       field->size);
		call(number, block);
		expect_true(call_error(number, block) == 0,
			    "the call succeeds");
	}
}

/* The result is the same whatever the field held: all of it was written. */
static void result_whole(const struct uhyve_call_info *info)
{
	uint16_t number = info->number;
	const struct uhyve_field *field = field_of_kind(
		number, info->since == 2 ? UHYVE_KIND_RET : UHYVE_KIND_TAG);
	if (!field)
		return;
	uint64_t results[2];
	for (unsigned i = 0; i < 2; i++) {
		sample(number, block);
		/* A shorter count would be another one; one byte is none. */
		if (number == UHYVE_FILE_WRITE)
			field_set_named(block, number, "len", 1);
		/* A new descriptor would differ from the one before. */
		if (number == UHYVE_FILE_OPEN)
			field_set_named(block, number, "name",
					uhyve_gpa_of("/data/none").addr);
		field_set(block, field,
			  i ? 0xa5a5a5a5a5a5a5a5 : 0x5a5a5a5a5a5a5a5a);
		call(number, block);
		results[i] = field_get(block, field);
	}
	expect_eq(results[0], results[1]);
}

static void input_buffers_unchanged(const struct uhyve_call_info *info)
{
	uint16_t number = info->number;
	prepare(number, 0);
	char path[sizeof(sample_path)];
	memcpy(path, sample_path, sizeof(path));
	call(number, block);
	expect_bytes(sample_path, path, sizeof(path));
	expect_bytes(sample_src, "# sample 123456\n", 16);
}

void guest_main(void)
{
	/* In the order of the cells. */
	const struct {
		const char *id, *text;
		void (*holds)(const struct uhyve_call_info *info);
	} tests[] = {
		{TEST_ID("UHY-BLOCK-020"), "input fields", inputs_unchanged},
		{TEST_ID("UHY-BLOCK-021"), "padding", padding_unchanged},
		{TEST_ID("UHY-BLOCK-022"),
		 "64 bytes on both sides, and after the buffer",
		 guards_unchanged},
		{TEST_ID("UHY-BLOCK-023"), "what output fields held before",
		 result_independent},
		{TEST_ID("UHY-BLOCK-024"),
		 "every byte of the result or of the tag", result_whole},
		{TEST_ID("UHY-BLOCK-027"), "input buffers and paths",
		 input_buffers_unchanged},
	};
	const unsigned cells = sizeof(tests) / sizeof(tests[0]);
	unsigned cell = guest_variant() % cells;
	samples_open();
	const struct uhyve_call_info *info;
	TEST_OF(tests[cell].id, tests[cell].text)
	{
		FOR_EACH_CALL_OF(2 + guest_variant() / cells, info)
			tests[cell].holds(info);
	}
}
