/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "calls of interface 3 on a descriptor keep nothing of it",
	needs = ["interface-3"]
)

#define OFTEN 1100

/*
 * One more descriptor of a directory, closed again after a call that works and one
 * that fails: true if it was there. No more is asked of the calls.
 */
static bool opens_again(void)
{
	static struct uhyve_open_params open;
	static struct uhyve_getdents_params list;
	static struct uhyve_fstat_params stat;
	static struct uhyve_close_params close;
	static struct uhyve_file_attr attr;
	open = (struct uhyve_open_params){uhyve_gpa_of("/data"),
					  UHYVE_O_DIRECTORY, 0, UNANSWERED};
	uhyve_call_block(UHYVE_FILE_OPEN, &open);
	list = (struct uhyve_getdents_params){
		.fd = open.ret, .buf = uhyve_gpa_of(&attr), .len = 1};
	uhyve_call_block(UHYVE_GETDENTS, &list);
	stat = (struct uhyve_fstat_params){.fd = open.ret,
					   .attr = uhyve_gpa_of(&attr)};
	uhyve_call_block(UHYVE_FILE_FSTAT, &stat);
	close = (struct uhyve_close_params){open.ret, UNANSWERED};
	uhyve_call_block(UHYVE_FILE_CLOSE, &close);
	return open.ret >= 3 && close.ret == 0;
}

void guest_main(void)
{
	TEST("UHY-ROB-004", "1100 of them, with calls on each") {
		int n = 0;
		while (n < OFTEN && opens_again())
			n++;
		expect_eq(n, OFTEN);
	}
}
