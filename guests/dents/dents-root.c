/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "the root is listed",
	requirements = ["UHY-DENTS-036", "UHY-DENTS-037"],
	needs = ["interface-3"],
	mappings = { "/data" = "data", "/one" = "one.txt", "/deep/er" = "other" },
	files = { "one.txt" = "alone", "other" = { dir = true }, "secret" = "not mapped" }
)

/* Where the root cannot be opened, nothing is asked. */
static void expect_listed(const char *name)
{
	int32_t fd = file_open("/", UHYVE_O_DIRECTORY, 0);
	if (fd < 0) {
		expect_error(fd);
		return;
	}
	expect_eq(dir_count(fd, name, 512), 1);
	file_close(fd);
}

static bool known(const struct dir_entry *entry)
{
	static const char *const names[] = {
		".", "..", "data", "one", "deep", "made", "made.d",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (entry->name_len == strlen(names[i]) &&
		    !memcmp(entry->name, names[i], entry->name_len))
			return true;
	return false;
}

void guest_main(void)
{
	static uint8_t buf[512];
	struct dir_entry entry;
	int64_t n = 0;
	int32_t fd;
	plan(2);
	fd = file_open("/made", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644);
	file_close(fd);
	dir_make("/made.d");
	file_close(file_open("/gone", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644));
	file_unlink("/gone");
	TEST("UHY-DENTS-036", "guest paths and private names") {
		expect_listed("data");
		expect_listed("one");
		expect_listed("deep");
		expect_listed("made");
		expect_listed("made.d");
	}
	TEST("UHY-DENTS-037", "nothing else") {
		fd = file_open("/", UHYVE_O_DIRECTORY, 0);
		while (fd >= 0 && (n = dir_read(fd, buf, sizeof(buf))) > 0)
			for (size_t at = 0;
			     dir_next(buf, (size_t)n, &at, &entry);)
				if (!known(&entry))
					expect_true(false, entry.name);
		expect_eq(n, 0);
	}
}
