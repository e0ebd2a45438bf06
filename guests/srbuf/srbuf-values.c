/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "input.h"

GUEST(
	summary = "each byte value, once, in order, then the end",
	needs = ["serial-read-buffer"],
	stdin = { hex = "6162636465666768000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff7a7a" }
)

void guest_main(void)
{
	static uint8_t buffer[256];
	memset(buffer, 0xee, sizeof(buffer));
	TEST("UHY-SRBUF-003", "two bytes are asked for") {
		uint64_t got = input_all(buffer, 2, 2);
		expect_eq(got, 2);
		expect_filled(buffer + 2, 0xee, 62);
	}
	TEST("UHY-SRBUF-004", "the next ones follow, one and two at a time") {
		expect_bytes(buffer, "ab", 2);
		expect_eq(input_all(buffer, 3, 1), 3);
		expect_eq(input_all(buffer + 3, 3, 2), 3);
		expect_bytes(buffer, "cdefgh", 6);
	}
	TEST("UHY-SRBUF-005", "0 to 255") {
		expect_eq(input_all(buffer, 256, 256), 256);
		for (unsigned i = 0; i < 256; i++)
			expect_eq(buffer[i], i);
	}
	TEST("UHY-SRBUF-002", "fewer than asked for") {
		memset(buffer, 0xee, sizeof(buffer));
		uint64_t len = 0;
		for (int i = 0; i < INPUT_PATIENCE && len == 0; i++)
			len = input_some(buffer, 100);
		expect_between(len, 1, 2);
		for (uint64_t i = 0; i < 2; i++)
			expect_eq(buffer[i], i < len ? 'z' : 0xee);
		expect_eq(input_all(buffer + len, 2 - len, 2), 2 - len);
	}
	TEST("UHY-SRBUF-008", "the rest of the buffer is as it was") {
		expect_filled(buffer + 2, 0xee, sizeof(buffer) - 2);
	}
	TEST("UHY-SRBUF-006", "the end, again and again") {
		for (int i = 0; i < 20; i++)
			expect_eq(input_some(buffer, 16), 0);
	}
}
