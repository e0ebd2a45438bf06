/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "calls on a descriptor keep nothing of it",
	variants = { "of-a-file" = {}, "of-a-directory" = { needs = ["interface-3"] } },
	files = { "data/f" = "0123456789" }
)

#define OFTEN 1100

static int32_t fd;

static void calls_on_a_file(void)
{
	static struct uhyve_lseek_params seek;
	static struct uhyve_read_params read;
	static struct uhyve_write_params write;
	static char bytes[2];
	seek = (struct uhyve_lseek_params){.offset = 1, .fd = fd};
	uhyve_call_block(UHYVE_FILE_LSEEK, &seek);
	read = (struct uhyve_read_params){
		.len = 2, .buf = uhyve_gpa_of(bytes), .fd = fd};
	uhyve_call_block(UHYVE_FILE_READ, &read);
	write = (struct uhyve_write_params){
		.len = 2, .buf = uhyve_gpa_of(bytes), .fd = fd};
	uhyve_call_block(UHYVE_FILE_WRITE, &write);
	seek = (struct uhyve_lseek_params){.offset = -1, .fd = fd};
	uhyve_call_block(UHYVE_FILE_LSEEK, &seek);
}

static void calls_on_a_directory(void)
{
	static struct uhyve_getdents_params list;
	static struct uhyve_fstat_params stat;
	static struct uhyve_file_attr attr;
	list = (struct uhyve_getdents_params){
		.fd = fd, .buf = uhyve_gpa_of(&attr), .len = 1};
	uhyve_call_block(UHYVE_GETDENTS, &list);
	stat = (struct uhyve_fstat_params){.fd = fd,
					   .attr = uhyve_gpa_of(&attr)};
	uhyve_call_block(UHYVE_FILE_FSTAT, &stat);
}

/*
 * One more descriptor, closed again after calls that work and one that fails: true
 * if it was there. No more is asked of the calls.
 */
static bool opens_again(const char *path, int32_t flags, void (*calls)(void))
{
	static struct uhyve_open_params open;
	static struct uhyve_close_params close;
	open = (struct uhyve_open_params){uhyve_gpa_of(path), flags, 0,
					  UNANSWERED};
	uhyve_call_block(UHYVE_FILE_OPEN, &open);
	fd = open.ret;
	calls();
	close = (struct uhyve_close_params){fd, UNANSWERED};
	uhyve_call_block(UHYVE_FILE_CLOSE, &close);
	return fd >= 3 && close.ret == 0;
}

void guest_main(void)
{
	static const char *const paths[] = {"/data/f", "/data"};
	static const int32_t flags[] = {UHYVE_O_RDWR, UHYVE_O_DIRECTORY};
	void (*const calls[])(void) = {calls_on_a_file, calls_on_a_directory};
	TEST("UHY-ROB-004", "1100 of them, with calls on each") {
		int n = 0;
		while (n < OFTEN &&
		       opens_again(FOR_VARIANT(paths), FOR_VARIANT(flags),
				   FOR_VARIANT(calls)))
			n++;
		expect_eq(n, OFTEN);
	}
}
