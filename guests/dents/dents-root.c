/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "the root is listed",
	needs = ["interface-3"],
	mappings = {
		"/data" = "data", "/one" = "one.txt", "/deep/er" = "other", "/new" = "new.txt"
	},
	missing = ["new.txt"],
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

static const struct {
	const char *name;
	uint8_t type;
} names[] = {
	{".", UHYVE_DT_DIR},      {"..", UHYVE_DT_DIR},
	{"data", UHYVE_DT_DIR},   {"one", UHYVE_DT_REG},
	{"deep", UHYVE_DT_DIR},   {"made", UHYVE_DT_REG},
	{"made.d", UHYVE_DT_DIR}, {"new", UHYVE_DT_REG},
};
#define NAMES (sizeof(names) / sizeof(names[0]))

static size_t number_of(const struct dir_entry *entry)
{
	size_t i = 0;
	while (i < NAMES &&
	       (entry->name_len != strlen(names[i].name) ||
		memcmp(entry->name, names[i].name, entry->name_len)))
		i++;
	return i;
}

/* Types, or names alone, of all that is listed. */
static void expect_entries(bool types)
{
	static uint8_t buf[512];
	int64_t n = 0;
	int32_t fd = file_open("/", UHYVE_O_DIRECTORY, 0);
	struct dir_entry entry;
	while (fd >= 0 && (n = dir_read(fd, buf, sizeof(buf))) > 0)
		for (size_t at = 0; dir_next(buf, (size_t)n, &at, &entry);) {
			size_t i = number_of(&entry);
			if (!types)
				expect_true(i < NAMES, entry.name);
			else if (i < NAMES)
				expect_one_of(entry.type, names[i].type,
					      UHYVE_DT_UNKNOWN);
		}
	expect_eq(n, 0);
}

void guest_main(void)
{
	file_close(file_open("/made", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644));
	dir_make("/made.d");
	file_close(file_open("/gone", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644));
	file_unlink("/gone");
	file_close(file_open("/new", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644));
	TEST("UHY-DENTS-036", "guest paths and private names") {
		expect_listed("data");
		expect_listed("one");
		expect_listed("deep");
		expect_listed("made");
		expect_listed("made.d");
		expect_listed("new");
	}
	TEST("UHY-DENTS-037", "nothing else") {
		expect_entries(false);
	}
	TEST("UHY-DENTS-008", "what they are") {
		expect_entries(true);
	}
}
