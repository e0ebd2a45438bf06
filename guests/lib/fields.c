/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

const struct uhyve_call_info *call_info(uint16_t number)
{
	const struct uhyve_call_info *info;
	for (unsigned i = 0; (info = uhyve_call_at(i)); i++)
		if (info->number == number)
			return info;
	return NULL;
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

const struct uhyve_field *field_named(uint16_t number, const char *name)
{
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field->call == number && same(field->name, name))
			return field;
	return NULL;
}

const struct uhyve_field *field_of_kind(uint16_t number, enum uhyve_kind kind)
{
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field->call == number && field->kind == kind)
			return field;
	return NULL;
}

uint64_t field_get(const volatile void *block, const struct uhyve_field *field)
{
	const volatile uint8_t *at =
		(const volatile uint8_t *)block + field->offset;
	uint64_t value = 0;
	for (unsigned i = 0; i < field->size && i < 8; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

void field_set(volatile void *block, const struct uhyve_field *field,
	       uint64_t value)
{
	volatile uint8_t *at = (volatile uint8_t *)block + field->offset;
	for (unsigned i = 0; i < field->size && i < 8; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

void field_set_named(volatile void *block, uint16_t number, const char *name,
		     uint64_t value)
{
	field_set(block, field_named(number, name), value);
}

bool field_is_buffer(const struct uhyve_field *field)
{
	return field->kind == UHYVE_KIND_SRC || field->kind == UHYVE_KIND_DST;
}

bool field_is_pointer(const struct uhyve_field *field)
{
	return field->kind == UHYVE_KIND_PATH || field_is_buffer(field);
}

uint64_t buffer_length(const volatile void *block,
		       const struct uhyve_field *buffer)
{
	const struct uhyve_field *len =
		field_named(buffer->call, buffer->length);
	uint64_t fixed = 0;
	if (len)
		return field_get(block, len);
	for (const char *c = buffer->length; *c; c++)
		fixed = 10 * fixed + (uint64_t)(*c - '0');
	return fixed;
}

/* The field that says how the call went, whatever its family. */
static const struct uhyve_field *result_field(uint16_t number)
{
	const struct uhyve_field *field;
	if ((field = field_of_kind(number, UHYVE_KIND_RET)) ||
	    (field = field_of_kind(number, UHYVE_KIND_OFFSET)))
		return field;
	return field_of_kind(number, UHYVE_KIND_TAG);
}

bool call_reports(uint16_t number)
{
	return result_field(number);
}

static int64_t number_or_malformed(int64_t error)
{
	return error >= 1 && error <= UHYVE_ERRNO_MAX && error != 41 &&
			       error != 58
		       ? error
		       : MALFORMED;
}

static int64_t signed_value(const volatile void *block,
			    const struct uhyve_field *field)
{
	uint64_t value = field_get(block, field);
	return field->size == 4 ? (int32_t)(uint32_t)value : (int64_t)value;
}

/* The tag says which result it is, and its row which payload it has. */
static int64_t tagged_error(uint16_t number, const volatile void *block,
			    uint64_t value)
{
	const struct uhyve_tag *tag;
	for (unsigned i = 0; (tag = uhyve_tag_at(i)); i++) {
		if (tag->call != number || tag->value != value)
			continue;
		const struct uhyve_field *payload =
			field_named(number, tag->payload);
		return payload && payload->kind == UHYVE_KIND_ERRNO
			       ? number_or_malformed(
					 signed_value(block, payload))
			       : 0;
	}
	return MALFORMED;
}

int64_t call_error(uint16_t number, const volatile void *block)
{
	const struct uhyve_field *field = result_field(number);
	if (!field)
		return NOT_ANSWERED;
	int64_t value = signed_value(block, field);
	if (field->kind == UHYVE_KIND_TAG)
		return value == UHYVE_RESULT_NONE
			       ? NOT_ANSWERED
			       : tagged_error(number, block, (uint32_t)value);
	if (value == UNANSWERED)
		return NOT_ANSWERED;
	return value >= 0 ? 0 : number_or_malformed(-value);
}

/* ---- Samples ------------------------------------------------------------------ */

uint8_t sample_out[512];
uint8_t sample_src[64];
char sample_path[32];
int32_t sample_fd_in, sample_fd_out;

void samples_open(void)
{
	sample_fd_in = file_open("/data/in", UHYVE_O_RDONLY, 0);
	sample_fd_out =
		file_open("/data/out", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644);
}

static uint64_t path_of(const char *path)
{
	memcpy(sample_path, path, strlen(path) + 1);
	return (uint64_t)(uintptr_t)sample_path;
}

/* Another name for each call: "/data/d00", "/data/d01" and so on. */
static uint64_t fresh_path(void)
{
	static unsigned count;
	path_of("/data/d00");
	sample_path[7] = (char)('0' + count / 10 % 10);
	sample_path[8] = (char)('0' + count % 10);
	count++;
	return (uint64_t)(uintptr_t)sample_path;
}

static uint64_t sample_descriptor(enum uhyve_sample what)
{
	switch (what) {
	case UHYVE_SAMPLE_WRITABLE:
		return (uint32_t)sample_fd_out;
	case UHYVE_SAMPLE_OWN:
		return (uint32_t)file_open("/data/in", UHYVE_O_RDONLY, 0);
	case UHYVE_SAMPLE_DIRECTORY:
		return (uint32_t)file_open(
			"/data", UHYVE_O_RDONLY | UHYVE_O_DIRECTORY, 0);
	default:
		file_lseek(sample_fd_in, 0, UHYVE_SEEK_SET);
		return (uint32_t)sample_fd_in;
	}
}

static uint64_t sample_name(enum uhyve_sample what)
{
	if (what == UHYVE_SAMPLE_FREE)
		return fresh_path();
	if (what == UHYVE_SAMPLE_OWN) {
		file_close(file_open("/data/gone",
				     UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644));
		return path_of("/data/gone");
	}
	return path_of("/data/in");
}

static uint64_t sample_length(enum uhyve_sample what)
{
	if (what == UHYVE_SAMPLE_PATH)
		return strlen(sample_path) + 1;
	return what == UHYVE_SAMPLE_ROOM ? sizeof(sample_out) : 16;
}

static uint64_t sample_value(uint16_t number, const struct uhyve_field *field)
{
	enum uhyve_sample what = uhyve_sample_of(number, field->name);
	switch (field->kind) {
	case UHYVE_KIND_PATH:
		return sample_name(what);
	case UHYVE_KIND_SRC:
		return (uint64_t)(uintptr_t)sample_src;
	case UHYVE_KIND_DST:
		return (uint64_t)(uintptr_t)sample_out;
	case UHYVE_KIND_LEN:
		return sample_length(what);
	case UHYVE_KIND_FD:
		return sample_descriptor(what);
	case UHYVE_KIND_MODE:
		return 0644;
	case UHYVE_KIND_OFFSET: /* negative, as no result of a success */
		return (uint64_t)-7;
	case UHYVE_KIND_WHENCE:
		return UHYVE_SEEK_END;
	case UHYVE_KIND_RET:
		return (uint64_t)UNANSWERED;
	case UHYVE_KIND_COUNT:
	case UHYVE_KIND_ERRNO:
		return 0x5a5a5a5a5a5a5a5a;
	default: /* flags: read only; kind: follow */
		return 0;
	}
}

void sample(uint16_t number, volatile void *block)
{
	memset(sample_out, 0xee, sizeof(sample_out));
	memcpy(sample_src, "# sample 123456\n", 16);
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field->call == number)
			field_set(block, field, sample_value(number, field));
}

void sample_call(const struct uhyve_call_info *info, volatile void *block)
{
	sample(info->number, block);
	call(info->number, block);
	expect_true(call_error(info->number, block) == 0, info->name);
}
