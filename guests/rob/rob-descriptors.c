/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "calls on a descriptor keep nothing of it",
	files = { "data/f" = "0123456789" }
)

#define OFTEN 1100

/*
 * One more descriptor, closed again after calls that work and one that fails: true
 * if it was there. No more is asked of the calls.
 */
static bool opens_again(void)
{
	static struct uhyve_open_params open;
	static struct uhyve_lseek_params seek;
	static struct uhyve_read_params read;
	static struct uhyve_write_params write;
	static struct uhyve_close_params close;
	static char bytes[2];
	open = (struct uhyve_open_params){uhyve_gpa_of("/data/f"), UHYVE_O_RDWR,
					  0, UNANSWERED};
	uhyve_call_block(UHYVE_FILE_OPEN, &open);
	seek = (struct uhyve_lseek_params){.offset = 1, .fd = open.ret};
	uhyve_call_block(UHYVE_FILE_LSEEK, &seek);
	read = (struct uhyve_read_params){
		.len = 2, .buf = uhyve_gpa_of(bytes), .fd = open.ret};
	uhyve_call_block(UHYVE_FILE_READ, &read);
	write = (struct uhyve_write_params){
		.len = 2, .buf = uhyve_gpa_of(bytes), .fd = open.ret};
	uhyve_call_block(UHYVE_FILE_WRITE, &write);
	seek = (struct uhyve_lseek_params){.offset = -1, .fd = open.ret};
	uhyve_call_block(UHYVE_FILE_LSEEK, &seek);
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
