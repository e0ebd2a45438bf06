/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a buffer that is not wholly in RAM",
	variants = [
		"zero", "below-ram", "behind-ram", "last-byte", "one-byte-beyond", "wraps",
		"bit-52", "bit-63", "half-of-memory", "all-ones", "silent-zero",
		"silent-below-ram", "silent-behind-ram", "silent-last-byte",
		"silent-one-byte-beyond", "silent-wraps", "silent-bit-52", "silent-bit-63",
		"silent-half-of-memory", "silent-all-ones"
	]
)

/* Whoever writes these bytes spoils the report. */
static const char poison[] = "\nnot ok 4711 - bytes of a buffer outside RAM\n";

static struct uhyve_serial_write_params block;

static void write_it(void)
{
	test_may_end();
	call(UHYVE_SERIAL_WRITE_BUFFER, &block);
	test_went_on();
	expect(true);
}

void guest_main(void)
{
	uint8_t *tail = ram_tail(64);
	memcpy(tail, poison, sizeof(poison) - 1);
	memset(tail + sizeof(poison) - 1, '\n', 64 - sizeof(poison) + 1);
	const struct uhyve_serial_write_params blocks[] = {
		{16, {0}},
		{64, {ram_start() - 64}},
		{1, {ram_end()}},
		{2, {ram_end() - 1}},
		{65, {ram_end() - 64}},
		{UINT64_MAX - ram_end() + 66, {ram_end() - 64}},
		{16, {1ull << 52 | ram_start()}},
		{16, {1ull << 63 | ram_start()}},
		{1ull << 63, {ram_end() - 64}},
		{UINT64_MAX, {ram_end() - 64}},
	};
	unsigned kinds = sizeof(blocks) / sizeof(*blocks);
	block = blocks[guest_variant_of(2 * kinds) % kinds];
	TEST_IN(VARIANTS(0, 9), "UHY-SWBUF-007",
		"the virtual machine continues, or ends in an orderly way")
	{
		write_it();
	}
	TEST_IN(VARIANTS(10, 19), "UHY-SWBUF-008", "no byte is written")
	{
		write_it();
	}
}
