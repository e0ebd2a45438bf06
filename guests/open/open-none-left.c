/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "a FileOpen for which no descriptor is left creates nothing",
	variants = {
		"mapped" = { after = [
			{ path = "data/new", absent = true, id = "UHY-OPEN-026" },
			{ path = "data/f", content = "kept", id = "UHY-OPEN-026" }
		] },
		"private" = {},
		"listed" = { needs = ["interface-3"] }
	},
	descriptors = 256,
	files = { "data/f" = "kept" }
)

#define ENOUGH 1500 /* as in open-exhaustion */
#define CREATE (UHYVE_O_CREAT | UHYVE_O_RDWR)

static int32_t fds[ENOUGH];

/* True if there came a limit. */
static bool exhaust(void)
{
	static struct uhyve_open_params block;
	for (int n = 0; n < ENOUGH; n++) {
		block = (struct uhyve_open_params){
			uhyve_gpa_of("/data/f"), UHYVE_O_RDONLY, 0, UNANSWERED};
		uhyve_call_block(UHYVE_FILE_OPEN, &block);
		fds[n] = block.ret;
		if (block.ret < 0)
			return true;
	}
	return false;
}

static void give_back(void)
{
	for (int n = 0; n < 16; n++)
		file_close(fds[n]);
}

/* A name that could not be opened is missing afterwards; whether it was one. */
static bool expect_not_made(const char *path)
{
	int32_t fd = file_open(path, CREATE, 0644);
	give_back();
	if (fd >= 0)
		return !expect_fd(fd);
	expect_eq(file_open(path, UHYVE_O_RDONLY, 0), -UHYVE_ENOENT);
	return true;
}

void guest_main(void)
{
	enum { MAPPED, PRIVATE, LISTED } variant = guest_variant();
	if (variant == LISTED)
		dir_make("/p");
	TEST("UHY-OPEN-026", "names and contents stay") {
		if (!exhaust()) {
			expect_true(true, "there is no limit that matters");
		} else if (variant == MAPPED) {
			expect_error(file_open(
				"/data/f", UHYVE_O_WRONLY | UHYVE_O_TRUNC, 0));
			expect_not_made("/data/new");
		} else if (variant == PRIVATE) {
			if (expect_not_made("/way/new"))
				expect_eq(
					file_open("/way", UHYVE_O_DIRECTORY, 0),
					-UHYVE_ENOENT);
		} else {
			int32_t fd = file_open("/p/new", CREATE, 0644), dir;
			give_back();
			dir = file_open("/p", UHYVE_O_DIRECTORY, 0);
			expect_fd(dir);
			expect_eq(dir_count(dir, "new", 1024), fd < 0 ? 0 : 1);
		}
	}
}
