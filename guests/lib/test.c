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
	unsigned planned, done, failed;
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

static uint64_t load(const volatile uint8_t *at, unsigned size)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < size && i < 8; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
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
			say("    %s: %x", field->name,
			    load(last_call.block + field->offset, field->size));
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

void plan(unsigned count)
{
	tests.planned = count;
	say("TAP version 13");
	say("1..%u", (uint64_t)count);
	say("# response %x", guest_response());
}

void test_begin(const char *id, const char *text)
{
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

static bool differs(uint8_t actual, uint8_t expected, size_t at,
		    const char *what)
{
	if (actual == expected)
		return false;
	if (fails(what)) {
		say("  expected: %x", (uint64_t)expected);
		say("  actual: %x", (uint64_t)actual);
		say("  at_byte: %u", (uint64_t)at);
		end_diagnosis();
	}
	return true;
}

bool expect_memory(const volatile void *actual, const void *expected,
		   size_t len, const char *what)
{
	const volatile uint8_t *a = actual;
	const uint8_t *b = expected;
	tests.expectations++;
	for (size_t i = 0; i < len; i++)
		if (differs(a[i], b[i], i, what))
			return false;
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
		if (i < len && differs(a[i], byte, i, what))
			return false;
	}
	return true;
}

/* ---- Start, end, calls -------------------------------------------------------- */

_Noreturn void guest_end(void)
{
	bool complete = !tests.open && tests.done == tests.planned;
	if (!complete)
		say("Bail out! %u of %u tests ran", (uint64_t)tests.done,
		    (uint64_t)tests.planned);
	int32_t code = complete && !tests.failed ? 0 : 1;
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
