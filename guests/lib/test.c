/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Tests and their report in TAP, as version 14 describes it; the version line
 * says 13, since widespread readers refuse a newer one.
 */
#include "test.h"
#include "v1.h"

#include <uhyve_interface/calls.h>

const struct uhyve_boot_info *boot_info;

/* Found by its magic and written by the harness before each run. */
static volatile struct {
	char magic[8];
	uint64_t challenge;
	uint32_t variant;
	uint32_t slack; /* seconds within which the guest starts */
	uint64_t now;   /* nanoseconds since 1970 */
} patch __attribute__((used, aligned(8), section(".uhyve.patch"))) = {
	"UHYPATCH", 0, 0, 0, 0};

static struct {
	unsigned done, failed;
	const char *id, *text;
	bool open, passed;
	unsigned expectations;
} tests;

static struct {
	const struct uhyve_call_info *info;
	const volatile uint8_t *block;
} last_call;

unsigned guest_variant(void)
{
	return patch.variant;
}

unsigned guest_variant_of(unsigned count)
{
	if (patch.variant < count)
		return patch.variant;
	guest_no_such_variant();
}

_Noreturn void guest_no_such_variant(void)
{
	say("Bail out! there is no variant %u", (uint64_t)patch.variant);
	guest_end();
}

int64_t guest_earliest_start(void)
{
	return (int64_t)patch.now;
}

int64_t guest_latest_start(void)
{
	return (int64_t)(patch.now + patch.slack * UINT64_C(1000000000));
}

/* The finaliser of SplitMix64 over the challenge. */
uint64_t guest_response(void)
{
	uint64_t state = patch.challenge;
	return random_next(&state);
}

/* ---- What a failure shows --------------------------------------------------- */

/* So much of a path or buffer is shown, and of two that differ before and after the
 * first byte. */
enum { SHOWN_TEXT = 48, SHOWN_BEFORE = 4, SHOWN_AFTER = 12 };

static uint64_t load(const volatile uint8_t *at, unsigned size)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < size && i < 8; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

static bool same_text(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* A field of the last call's block by its name; 0 when there is none. */
static uint64_t field_value(const char *name)
{
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field->call == last_call.info->number &&
		    same_text(field->name, name))
			return load(last_call.block + field->offset,
				    field->size);
	return 0;
}

static bool in_image(uint64_t address)
{
	return address >= (uintptr_t)guest_image &&
	       address < (uintptr_t)guest_image_end;
}

/*
 * What a pointer of a block points to, as text: a path up to its NUL, of a buffer
 * so many bytes. Only in the image: anywhere else there may be nothing to read.
 */
static const char *pointed(uint64_t address, uint64_t len, bool is_path)
{
	static char text[SHOWN_TEXT + 1];
	size_t n = 0;
	while (n < SHOWN_TEXT && n < len && in_image(address + n)) {
		uint8_t byte =
			*(const volatile uint8_t *)(uintptr_t)(address + n);
		if (is_path && !byte)
			break;
		bool plain = byte >= ' ' && byte < 0x7f && byte != '"' &&
			     byte != '\\';
		text[n++] = plain ? (char)byte : '.';
	}
	text[n] = 0;
	return text;
}

static void show_field(const struct uhyve_field *field)
{
	uint64_t value = load(last_call.block + field->offset, field->size);
	bool is_path = field->kind == UHYVE_KIND_PATH;
	bool is_buffer =
		field->kind == UHYVE_KIND_SRC || field->kind == UHYVE_KIND_DST;
	if ((is_path || is_buffer) && in_image(value))
		say("    %s: %x -> \"%s\"", field->name, value,
		    pointed(value,
			    is_path ? UINT64_MAX : field_value(field->length),
			    is_path));
	else
		say("    %s: %x", field->name, value);
}

static void show_block(void)
{
	if (!last_call.info)
		return;
	say("  call: %s", last_call.info->name);
	say("  block:");
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field->call == last_call.info->number)
			show_field(field);
}

/* Text for a quoted scalar of YAML, in which its own quotes are others. */
static const char *quotable(const char *text)
{
	static char copy[256];
	size_t n = 0;
	for (; text[n] && n < sizeof(copy) - 1; n++)
		copy[n] = text[n] == '"'    ? '\''
			  : text[n] == '\\' ? '/'
					    : text[n];
	copy[n] = 0;
	return copy;
}

/* The head of the diagnosis of the first expectation that fails. */
static bool fails(const char *what)
{
	if (!tests.passed)
		return false;
	tests.passed = false;
	tests.failed++;
	say("not ok %u - %s %s", (uint64_t)tests.done + 1, tests.id,
	    tests.text);
	say("  ---");
	say("  what: \"%s\"", quotable(what));
	return true;
}

static void end_diagnosis(void)
{
	show_block();
	say("  ...");
}

/* ---- Tests ------------------------------------------------------------------ */

void test_begin_in(uint32_t variants, const char *id, const char *text)
{
	/* Beyond the bits only a test of all variants can be meant. */
	if (patch.variant < 32 ? variants >> patch.variant & 1
			       : variants == UINT32_MAX)
		test_begin(id, text);
}

void test_begin(const char *id, const char *text)
{
	if (!tests.id) {
		say("TAP version 13");
		say("# response %x", guest_response());
	}
	if (tests.open)
		say("Bail out! the test of %s was left early", tests.id);
	tests.id = id;
	tests.text = text;
	tests.open = tests.passed = true;
	tests.expectations = 0;
	last_call.info = NULL;
	say("# begin %s", id);
}

bool test_open(void)
{
	return tests.open;
}

void test_end(void)
{
	if (!tests.expectations && fails("an expectation"))
		end_diagnosis();
	tests.done++;
	tests.open = false;
	if (tests.passed)
		say("ok %u - %s %s", (uint64_t)tests.done, tests.id,
		    tests.text);
}

void test_may_end(void)
{
	say("# may end %s", tests.id);
}

void test_went_on(void)
{
	say("# went on");
}

bool expect_true(bool held, const char *what)
{
	tests.expectations++;
	if (!held && fails(what)) {
		say("  expected: true");
		say("  actual: false");
		end_diagnosis();
	}
	return held;
}

bool expect_equal(int64_t actual, int64_t expected, const char *what)
{
	return expect_among(actual, &expected, 1, what);
}

bool expect_among(int64_t actual, const int64_t *allowed, size_t n,
		  const char *what)
{
	tests.expectations++;
	for (size_t i = 0; i < n; i++)
		if (actual == allowed[i])
			return true;
	if (fails(what)) {
		if (n == 1)
			say("  expected: %d", allowed[0]);
		else
			say("  expected:");
		for (size_t i = 0; n > 1 && i < n; i++)
			say("    - %d", allowed[i]);
		say("  actual: %d", actual);
		end_diagnosis();
	}
	return false;
}

bool expect_range(int64_t actual, int64_t low, int64_t high, const char *what)
{
	tests.expectations++;
	if (actual >= low && actual <= high)
		return true;
	if (fails(what)) {
		say("  expected: \"%d to %d\"", low, high);
		say("  actual: %d", actual);
		end_diagnosis();
	}
	return false;
}

/* The bytes around one of len, in hexadecimal; without `bytes`, all are `same`. */
static void say_bytes(const char *key, const volatile uint8_t *bytes,
		      uint8_t same, size_t at, size_t len)
{
	size_t n = 0;
	size_t begin = at < SHOWN_BEFORE ? 0 : at - SHOWN_BEFORE;
	char text[3 * (SHOWN_BEFORE + SHOWN_AFTER) + 1];
	for (size_t i = begin; i < len && i < at + SHOWN_AFTER; i++) {
		uint8_t byte = bytes ? bytes[i] : same;
		text[n++] = "0123456789abcdef"[byte >> 4];
		text[n++] = "0123456789abcdef"[byte & 15];
		text[n++] = ' ';
	}
	text[n ? n - 1 : 0] = 0;
	say("  %s: \"%s\"", key, text);
}

/* The diagnosis of len bytes that differ at one from others, or from one byte. */
static void fails_at(const char *what, const volatile uint8_t *actual,
		     const volatile uint8_t *expected, uint8_t same, size_t at,
		     size_t len)
{
	if (!fails(what))
		return;
	say("  expected: %x", (uint64_t)(expected ? expected[at] : same));
	say("  actual: %x", (uint64_t)actual[at]);
	say("  at_byte: %u", (uint64_t)at);
	say_bytes("expected_there", expected, same, at, len);
	say_bytes("actual_there", actual, 0, at, len);
	end_diagnosis();
}

bool expect_memory(const volatile void *actual, const void *expected,
		   size_t len, const char *what)
{
	const volatile uint8_t *a = actual;
	const uint8_t *b = expected;
	tests.expectations++;
	for (size_t i = 0; i < len; i++) {
		if (a[i] == b[i])
			continue;
		fails_at(what, a, b, 0, i, len);
		return false;
	}
	return true;
}

bool expect_all(const volatile void *actual, uint8_t byte, size_t len,
		const char *what)
{
	const volatile uint8_t *a = actual;
	uint64_t word = 0x0101010101010101 * byte;
	tests.expectations++;
	for (size_t i = 0; i < len; i++) {
		while (len - i >= 8 && ((uintptr_t)(a + i) & 7) == 0 &&
		       *(const volatile uint64_t *)(const volatile void *)(a +
									   i) ==
			       word)
			i += 8;
		if (i < len && a[i] != byte) {
			fails_at(what, a, NULL, byte, i, len);
			return false;
		}
	}
	return true;
}

/* ---- Start, end, calls -------------------------------------------------------- */

_Noreturn void guest_end(void)
{
	if (tests.open)
		say("Bail out! the test of %s was left early", tests.id);
	else if (tests.id)
		say("1..%u", (uint64_t)tests.done);
	int32_t code = tests.open || tests.failed ? 1 : 0;
	if (guest_interface == 1)
		v1_exit(code);
	uhyve_exit(code);
	guest_park();
}

_Noreturn void guest_start(const struct uhyve_boot_info *info)
{
	boot_info = info;
	guest_main();
	guest_end();
}

void call(uint16_t number, volatile void *block)
{
	last_call.info = NULL;
	for (unsigned i = 0; uhyve_call_at(i); i++)
		if (uhyve_call_at(i)->number == number)
			last_call.info = uhyve_call_at(i);
	last_call.block = block;
	uhyve_call_block(number, block);
}
