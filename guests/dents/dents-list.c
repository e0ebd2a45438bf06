/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "a directory is listed, record by record",
	needs = ["interface-3"],
	files = {
		"data/d/f" = "", "data/d/sub" = { dir = true },
		"data/d/a-longer-name" = "", "data/d/größe" = "",
		"data/d/1234" = "", "data/d/12345" = ""
	}
)

#define ENTRIES 6
#define RECLEN offsetof(struct uhyve_dirent, d_reclen)

static const struct {
	const char *name;
	uint8_t type;
} entries[ENTRIES] = {
	{"f", UHYVE_DT_REG},     {"sub", UHYVE_DT_DIR},
	{"größe", UHYVE_DT_REG}, {"a-longer-name", UHYVE_DT_REG},
	{"1234", UHYVE_DT_REG},  {"12345", UHYVE_DT_REG},
};

static uint8_t buf[2048] __attribute__((aligned(8)));
static unsigned seen[ENTRIES], dots, others;
static uint64_t ino_of_f;

static void expect_entry(const struct dir_entry *entry)
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (entry->name_len == strlen(entries[i].name) &&
		    !memcmp(entry->name, entries[i].name, entry->name_len)) {
			seen[i]++;
			if (i == 0)
				ino_of_f = entry->ino;
			expect_one_of(entry->type, entries[i].type,
				      UHYVE_DT_UNKNOWN);
			return;
		}
	expect_one_of(entry->type, UHYVE_DT_DIR, UHYVE_DT_UNKNOWN);
	if (entry->name_len <= 2 && !memcmp(entry->name, "..", entry->name_len))
		dots++;
	else
		others++;
}

void guest_main(void)
{
	size_t at = 0;
	int64_t n = 0;
	int32_t fd = file_open("/data/d", UHYVE_O_DIRECTORY, 0);
	memset(buf, 0xee, sizeof(buf));
	TEST("UHY-DENTS-001", "the first records") {
		n = dir_read(fd, buf, sizeof(buf));
		expect_between(n, 24, sizeof(buf));
	}
	size_t stored = n > 0 ? (size_t)n : 0;
	TEST("UHY-DENTS-022", "the buffer after the records stays") {
		expect_filled(buf + stored, 0xee, sizeof(buf) - stored);
	}
	/* Each call gives one record or several; all of them fit. */
	TEST("UHY-DENTS-003", "more records, then the end") {
		while (n > 0 && stored < sizeof(buf)) {
			n = dir_read(fd, buf + stored, sizeof(buf) - stored);
			stored += n > 0 ? (size_t)n : 0;
		}
		expect_eq(n, 0);
	}
	TEST("UHY-DENTS-004", "the end again") {
		static uint8_t more[sizeof(buf)];
		expect_eq(dir_read(fd, more, sizeof(more)), 0);
		expect_eq(dir_read(fd, more, 24), 0);
	}
	struct dir_entry entry;
	TEST("UHY-DENTS-002", "records fill the bytes that are counted") {
		while (dir_next(buf, stored, &at, &entry))
			;
		expect_eq(at, stored);
	}
	uint16_t size;
	TEST("UHY-DENTS-006", "sizes of records") {
		/* As they are: dir_next() gives none that is too small. */
		for (at = 0; at + UHYVE_DIRENT_NAME <= stored; at += size) {
			memcpy(&size, buf + at + RECLEN, sizeof(size));
			expect_eq(size % 8, 0);
			if (!expect(size >= 24))
				break;
		}
		expect(stored > 0);
	}
	TEST("UHY-DENTS-007", "names end inside their records") {
		for (at = 0; dir_next(buf, stored, &at, &entry);)
			expect(UHYVE_DIRENT_NAME + entry.name_len < entry.size);
		expect(at == stored && stored > 0);
	}
	TEST("UHY-DENTS-008", "types") {
		for (at = 0; dir_next(buf, stored, &at, &entry);)
			expect_entry(&entry);
		expect(stored > 0);
	}
	TEST("UHY-DENTS-010", "names of the host's bytes, no others") {
		for (size_t i = 0; i < ENTRIES; i++)
			expect(seen[i] > 0);
		expect_eq(others, 0);
	}
	TEST("UHY-DENTS-005", "each once") {
		for (size_t i = 0; i < ENTRIES; i++)
			expect_eq(seen[i], 1);
		expect(dots <= 2);
	}
	TEST("UHY-DENTS-019", "after the name") {
		for (at = 0; dir_next(buf, stored, &at, &entry);)
			for (size_t i = entry.name_len + 1;
			     i < entry.size - UHYVE_DIRENT_NAME; i++)
				expect_one_of((uint8_t)entry.name[i], 0, 0xee);
		expect(stored > 0);
	}
	TEST("UHY-DENTS-009", ". and ..") {
		expect_eq(dots, 2);
	}
	struct uhyve_file_attr attr;
	TEST("UHY-DENTS-011", "d_ino is st_ino") {
		expect(seen[0] > 0);
		memset(&attr, 0, sizeof(attr));
		expect_eq(file_stat("/data/d/f", UHYVE_STAT_NOFOLLOW, &attr),
			  0);
		expect_eq(ino_of_f, attr.st_ino);
	}
}
