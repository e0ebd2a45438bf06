/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"
#include "registers.h"

GUEST(
	summary = "the guest continues with the next instruction and finds the results",
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	samples_open();
	const struct uhyve_call_info *info;
	TEST("UHY-CALL-026", "four additions after each call are executed") {
		FOR_EACH_CALL_OF(2, info) {
			sample(info->number, block);
			expect_eq(call_then_count(info->number,
						  (uint64_t)(uintptr_t)block),
				  4);
		}
		expect_eq(call_then_count(UHYVE_SERIAL_WRITE_BYTE, '\n'), 4);
	}
	TEST("UHY-CALL-030", "each call sees what was stored last") {
		static struct uhyve_lseek_params seek;
		for (int64_t i = 0; i < 40; i++) {
			seek = (struct uhyve_lseek_params){
				i * 3, UHYVE_SEEK_SET, sample_fd_in};
			call(UHYVE_FILE_LSEEK, &seek);
			expect_eq(seek.offset, i * 3);
		}
	}
	TEST("UHY-CALL-031", "a load right after the call finds the result") {
		static struct uhyve_close_params close;
		for (int i = 0; i < 10; i++) {
			close = (struct uhyve_close_params){4711, UNANSWERED};
			expect_eq((int32_t)call_then_load(
					  UHYVE_FILE_CLOSE,
					  (uint64_t)(uintptr_t)&close,
					  &close.ret),
				  -UHYVE_EBADF);
		}
	}
}
