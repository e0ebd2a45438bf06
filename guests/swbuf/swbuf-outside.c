/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a buffer that is not wholly in RAM",
	requirements = ["UHY-SWBUF-007"],
	variants = {
		"zero" = { requirements = ["UHY-SWBUF-007"] },
		"below-ram" = { requirements = ["UHY-SWBUF-007"] },
		"behind-ram" = { requirements = ["UHY-SWBUF-007"] },
		"last-byte" = { requirements = ["UHY-SWBUF-007"] },
		"one-byte-beyond" = { requirements = ["UHY-SWBUF-007"] },
		"wraps" = { requirements = ["UHY-SWBUF-007"] },
		"bit-52" = { requirements = ["UHY-SWBUF-007"] },
		"bit-63" = { requirements = ["UHY-SWBUF-007"] },
		"half-of-memory" = { requirements = ["UHY-SWBUF-007"] },
		"all-ones" = { requirements = ["UHY-SWBUF-007"] },
		"silent-zero" = { requirements = ["UHY-SWBUF-008"] },
		"silent-below-ram" = { requirements = ["UHY-SWBUF-008"] },
		"silent-behind-ram" = { requirements = ["UHY-SWBUF-008"] },
		"silent-last-byte" = { requirements = ["UHY-SWBUF-008"] },
		"silent-one-byte-beyond" = { requirements = ["UHY-SWBUF-008"] },
		"silent-wraps" = { requirements = ["UHY-SWBUF-008"] },
		"silent-bit-52" = { requirements = ["UHY-SWBUF-008"] },
		"silent-bit-63" = { requirements = ["UHY-SWBUF-008"] },
		"silent-half-of-memory" = { requirements = ["UHY-SWBUF-008"] },
		"silent-all-ones" = { requirements = ["UHY-SWBUF-008"] }
	}
)

/* Whoever writes these bytes spoils the report. */
static const char poison[] = "\nnot ok 4711 - bytes of a buffer outside RAM\n";

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
	static struct uhyve_serial_write_params block;
	unsigned kinds = sizeof(blocks) / sizeof(*blocks);
	bool silent = guest_variant() >= kinds;
	block = blocks[guest_variant() % kinds];
	plan(1);
	TEST(silent ? "UHY-SWBUF-008" : "UHY-SWBUF-007",
	     silent ? "no byte is written"
		    : "the virtual machine continues, or ends in an orderly "
		      "way") {
		test_may_end();
		call(UHYVE_SERIAL_WRITE_BUFFER, &block);
		test_went_on();
		expect(true);
	}
}
