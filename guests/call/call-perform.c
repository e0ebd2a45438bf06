/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "every call of interface 2 with a result answers",
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	samples_open();
	const struct uhyve_call_info *info;
	TEST("UHY-CALL-001", "each call succeeds") {
		FOR_EACH_CALL_OF(2, info) {
			sample_call(info, block);
		}
	}
	TEST("UHY-CALL-003", "a block above 4 GiB is found") {
		static struct uhyve_close_params close;
		close = (struct uhyve_close_params){4711, UNANSWERED};
		call(UHYVE_FILE_CLOSE, &close);
		expect((uint64_t)(uintptr_t)&close >> 32 != 0);
		expect_eq(close.ret, -UHYVE_EBADF);
	}
}
