/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define SINCE 2
#include "contents.h"

GUEST(
	summary = "what calls of interface 2 write, and what they leave alone",
	requirements = ["UHY-BLOCK-020", "UHY-BLOCK-021", "UHY-BLOCK-022", "UHY-BLOCK-023",
		"UHY-BLOCK-024", "UHY-BLOCK-027"],
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	const struct uhyve_call_info *info;
	plan(6);
	samples_open();
	TEST("UHY-BLOCK-020", "input fields") {
		FOR_EACH_CALL(info)
		inputs_unchanged(info->number);
	}
	TEST("UHY-BLOCK-021", "padding") {
		FOR_EACH_CALL(info)
		{
			padding_unchanged(info->number, 0xa5);
			padding_unchanged(info->number, 0);
		}
	}
	TEST("UHY-BLOCK-022", "64 bytes on both sides, and behind the buffer") {
		FOR_EACH_CALL(info)
		guards_unchanged(info);
	}
	TEST("UHY-BLOCK-023", "what output fields held before") {
		FOR_EACH_CALL(info)
		result_independent(info->number);
	}
	TEST("UHY-BLOCK-024", "every byte of the result or of the tag") {
		FOR_EACH_CALL(info)
		result_whole(info->number);
	}
	TEST("UHY-BLOCK-027", "input buffers and paths") {
		FOR_EACH_CALL(info)
		input_buffers_unchanged(info->number);
	}
}
