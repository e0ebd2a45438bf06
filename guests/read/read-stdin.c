/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "descriptor 0 is standard input",
	needs = ["stdin"],
	stdin = { hex = "00ff6c696e650a80" }
)

void guest_main(void)
{
	static const char sent[] = "\x00\xffline\n\x80";
	int64_t n, got = 0;
	uint8_t found[16];
	memset(found, 0xee, sizeof(found));
	TEST("UHY-READ-038", "a byte that is there") {
		n = file_read(0, found, 1);
		expect_eq(n, 1);
		got = n > 0 ? n : 0;
	}
	TEST("UHY-READ-036", "all bytes in order") {
		while (got < 8) {
			n = file_read(0, found + got, 16 - (uint64_t)got);
			if (!expect_between(n, 1, 8 - got))
				break;
			got += n;
		}
		expect_bytes(found, sent, 8);
	}
	TEST("UHY-READ-037", "the end") {
		expect_eq(file_read(0, found, 16), 0);
		expect_eq(file_read(0, found, 16), 0);
	}
}
