/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "entries that stay are listed while others are removed",
	needs = ["interface-3"],
	files = {
		"data/d/go1" = "", "data/d/stay1" = "", "data/d/go2" = "",
		"data/d/stay2" = "", "data/d/go3" = ""
	}
)

static uint8_t buf[64];

static bool is(const struct dir_entry *entry, const char *name)
{
	return entry->name_len == strlen(name) &&
	       !memcmp(entry->name, name, entry->name_len);
}

void guest_main(void)
{
	static const char *const go[] = {"/data/d/go1", "/data/d/go2",
					 "/data/d/go3"};
	unsigned stay1 = 0, stay2 = 0, gone = 0;
	int32_t fd = file_open("/data/d", UHYVE_O_DIRECTORY, 0);
	int64_t n;
	TEST("UHY-DENTS-015", "removed between the calls") {
		while ((n = dir_read(fd, buf, 32)) > 0) {
			size_t at = 0;
			struct dir_entry entry;
			while (dir_next(buf, (size_t)n, &at, &entry)) {
				stay1 += is(&entry, "stay1");
				stay2 += is(&entry, "stay2");
			}
			/* In whatever order the host gives them. */
			if (stay1 + stay2 > 0 && gone < 3)
				file_unlink(go[gone++]);
		}
		expect_eq(n, 0);
		expect_eq(stay1, 1);
		expect_eq(stay2, 1);
	}
}
