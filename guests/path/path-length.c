/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "long paths and long components",
	files = { "data/f" = "f" }
)

/* "/data" and slashes up to "f"; longer and longer paths end here. */
static char path[1 << 20] = {[0 ... sizeof(path) - 3] = '/',
			     [sizeof(path) - 2] = 'f'};

/* The path to /data/f of len bytes. */
static char *path_of(size_t len)
{
	char *start = path + sizeof(path) - 1 - len;
	memcpy(start, "/data", 5);
	return start;
}

/* /data/ and one component of len bytes. */
static char *component_of(size_t len)
{
	char *start = path + sizeof(path) - 7 - len;
	memcpy(start, "/data/", 6);
	memset(start + 6, 'c', len);
	return start;
}

void guest_main(void)
{
	char byte;
	TEST("UHY-PATH-012", "1 MiB of path: the file or an error") {
		int32_t fd =
			file_open(path_of(sizeof(path) - 1), UHYVE_O_RDONLY, 0);
		if (fd < 0)
			expect_error(fd);
		else
			expect_eq(file_read(fd, &byte, 1), 1);
	}
	TEST("UHY-PATH-011", "4095 bytes of path") {
		expect_fd(file_open(path_of(4095), UHYVE_O_RDONLY, 0));
	}
	TEST("UHY-PATH-013", "a component of 255 bytes") {
		expect_fd(file_open(component_of(255),
				    UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644));
		expect_eq(file_unlink(component_of(255)), 0);
	}
	TEST("UHY-PATH-014", "a component of 256 and of 4000 bytes") {
		expect_error(file_open(component_of(256),
				       UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644));
		expect_error(file_open(component_of(4000), UHYVE_O_RDONLY, 0));
		expect_error(file_unlink(component_of(256)));
	}
	TEST("UHY-PATH-015", "ENAMETOOLONG for a component of 256 bytes") {
		expect_eq(file_open(component_of(256),
				    UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644),
			  -UHYVE_ENAMETOOLONG);
	}
}
