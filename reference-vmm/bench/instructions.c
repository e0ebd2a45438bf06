/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a call costs in instructions of the VMM's own code: every kind of call on a
 * machine without a processor (tests/fake.h), under callgrind, which counts only
 * between COUNT's two toggles. After each case a dump with its name is written.
 * Without callgrind the program checks that each call succeeds, and nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <valgrind/callgrind.h>

#include "fake.h"

/* So that one call in some that allocates shows, and none hides in rounding. */
#define ROUNDS 10
#define MAPPINGS 1000
#define DEEP_PATH 4000 /* bytes */

static struct fake *fake;

/*
 * Valgrind does not know openat2(2) before release 3.23. The linker sends the
 * VMM's syscall() here; what the kernel does is not counted anyway.
 */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d);
long __wrap_syscall(long number, long a, long b, long c, long d)
{
	const struct open_how *how = (const struct open_how *)c;
	if (number != SYS_openat2)
		return __real_syscall(number, a, b, c, d);
	return openat((int)a, (const char *)b, (int)how->flags,
		      (mode_t)how->mode);
}

/* A call whose block is at FAKE_BLOCK, or whose argument is immediate. */
static void count(uint16_t number, uint64_t argument)
{
	CALLGRIND_TOGGLE_COLLECT;
	enum call_outcome outcome = fake_call(fake, number, argument);
	CALLGRIND_TOGGLE_COLLECT;
	assert_int_equal(outcome, CALL_RESUME);
}

/* The end of a case: what was counted goes to a dump of this name. */
static void dump(const char *name)
{
	CALLGRIND_DUMP_STATS_AT(name);
	CALLGRIND_ZERO_STATS;
}

static void put(const void *block, size_t size)
{
	memcpy(fake_at(fake, FAKE_BLOCK), block, size);
}

static void get(void *block, size_t size)
{
	memcpy(block, fake_at(fake, FAKE_BLOCK), size);
}

static struct uhyve_gpa name_at(const char *name)
{
	strcpy(fake_at(fake, FAKE_NAME), name);
	return (struct uhyve_gpa){FAKE_NAME};
}

/* ---- Cases: each counts one call ---------------------------------------------- */

static int32_t descriptor;

static void serial_write_byte(void)
{
	count(UHYVE_SERIAL_WRITE_BYTE, '.');
}

static void serial_write_buffer(void)
{
	struct uhyve_serial_write_params p = {.len = 64, .buf = {FAKE_BUFFER}};
	put(&p, sizeof(p));
	count(UHYVE_SERIAL_WRITE_BUFFER, FAKE_BLOCK);
}

static void file_write(void)
{
	struct uhyve_write_params p = {
		.len = 4096, .buf = {FAKE_BUFFER}, .fd = descriptor};
	put(&p, sizeof(p));
	count(UHYVE_FILE_WRITE, FAKE_BLOCK);
	get(&p, sizeof(p));
	assert_int_equal(p.ret, 4096);
}

static void file_read(void)
{
	struct uhyve_read_params p = {
		.len = 4096, .buf = {FAKE_BUFFER}, .fd = descriptor};
	fake_lseek(fake, descriptor, 0, UHYVE_SEEK_SET);
	put(&p, sizeof(p));
	count(UHYVE_FILE_READ, FAKE_BLOCK);
	get(&p, sizeof(p));
	assert_int_equal(p.ret, 4096);
}

static void file_lseek(void)
{
	struct uhyve_lseek_params p = {0, UHYVE_SEEK_SET, descriptor};
	put(&p, sizeof(p));
	count(UHYVE_FILE_LSEEK, FAKE_BLOCK);
}

/* Opens and closes; counts one of the two. */
static void open_and_close(const char *name, bool count_open)
{
	struct uhyve_open_params p = {name_at(name), UHYVE_O_RDONLY, 0, -77};
	put(&p, sizeof(p));
	if (count_open)
		count(UHYVE_FILE_OPEN, FAKE_BLOCK);
	else
		fake_call(fake, UHYVE_FILE_OPEN, FAKE_BLOCK);
	get(&p, sizeof(p));
	assert_in_range(p.ret, 3, 1000);
	struct uhyve_close_params c = (struct uhyve_close_params){p.ret, -77};
	put(&c, sizeof(c));
	if (count_open)
		fake_call(fake, UHYVE_FILE_CLOSE, FAKE_BLOCK);
	else
		count(UHYVE_FILE_CLOSE, FAKE_BLOCK);
}

static void file_open(void)
{
	open_and_close("/data/f", true);
}

static void file_close(void)
{
	open_and_close("/data/f", false);
}

/* Four directories down, by a path of nearly the greatest length. */
static void file_open_deep(void)
{
	char path[DEEP_PATH + 1] = "/data";
	size_t at = strlen(path);
	while (at + 10 < DEEP_PATH) {
		memcpy(path + at, "/.", 2);
		at += 2;
	}
	strcpy(path + at, "/f");
	open_and_close(path, true);
}

static void file_unlink(void)
{
	int32_t fd = fake_open(fake, "/data/gone",
			       UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644);
	struct uhyve_unlink_params p = {name_at("/data/gone"), -77};
	fake_close(fake, fd);
	put(&p, sizeof(p));
	count(UHYVE_FILE_UNLINK, FAKE_BLOCK);
	get(&p, sizeof(p));
	assert_int_equal(p.ret, 0);
}

static void getdents(void)
{
	struct uhyve_getdents_params p = {.buf = {FAKE_BUFFER}, .len = 4096};
	p.fd = fake_open(fake, "/data/many", UHYVE_O_RDONLY | UHYVE_O_DIRECTORY,
			 0);
	put(&p, sizeof(p));
	count(UHYVE_GETDENTS, FAKE_BLOCK);
	get(&p, sizeof(p));
	assert_int_equal(p.ret.tag, UHYVE_GETDENTS_SUCCESS);
	fake_close(fake, p.fd);
}

static void file_stat(void)
{
	struct uhyve_stat_params p = {.name = name_at("/data/f"),
				      .attr = {FAKE_BUFFER}};
	put(&p, sizeof(p));
	count(UHYVE_FILE_STAT, FAKE_BLOCK);
	get(&p, sizeof(p));
	assert_int_equal(p.ret.tag, UHYVE_STAT_SUCCESS);
}

static void file_fstat(void)
{
	struct uhyve_fstat_params p = {.fd = descriptor, .attr = {FAKE_BUFFER}};
	put(&p, sizeof(p));
	count(UHYVE_FILE_FSTAT, FAKE_BLOCK);
	get(&p, sizeof(p));
	assert_int_equal(p.ret.tag, UHYVE_STAT_SUCCESS);
}

static void mkdir_call(void)
{
	static unsigned made;
	char path[32];
	snprintf(path, sizeof(path), "/data/d%03u", made++);
	struct uhyve_mkdir_params p = {.path = name_at(path),
				       .len = strlen(path)};
	put(&p, sizeof(p));
	count(UHYVE_MKDIR, FAKE_BLOCK);
	get(&p, sizeof(p));
	assert_int_equal(p.ret.tag, UHYVE_STAT_SUCCESS);
}

static void open_in_last_mapping(void)
{
	char path[32];
	snprintf(path, sizeof(path), "/m/%u/f", MAPPINGS - 1);
	open_and_close(path, true);
}

struct work {
	const char *name;
	void (*once)(void);
};

static const struct work works[] = {
	{"SerialWriteByte", serial_write_byte},
	{"SerialWriteBuffer of 64 bytes", serial_write_buffer},
	{"FileWrite of 4 KiB", file_write},
	{"FileRead of 4 KiB", file_read},
	{"FileLseek", file_lseek},
	{"FileOpen", file_open},
	{"FileOpen by a path of 4,000 bytes", file_open_deep},
	{"FileClose", file_close},
	{"FileUnlink", file_unlink},
	{"Getdents of 50 entries", getdents},
	{"FileStat", file_stat},
	{"FileFstat", file_fstat},
	{"Mkdir", mkdir_call},
};

static void run(const char *name, void (*once)(void))
{
	for (unsigned i = 0; i < ROUNDS; i++)
		once();
	dump(name);
}

/* ---- Set-up --------------------------------------------------------------------- */

static void make_files(void)
{
	char path[160];
	host_write(fake, "f", "some bytes");
	snprintf(path, sizeof(path), "%s/many", fake->data);
	assert_int_equal(mkdir(path, 0755), 0);
	for (unsigned i = 0; i < 50; i++) {
		snprintf(path, sizeof(path), "many/entry-%02u", i);
		host_write(fake, path, "");
	}
	descriptor = fake_open(fake, "/data/data", UHYVE_O_CREAT | UHYVE_O_RDWR,
			       0644);
	assert_in_range(descriptor, 3, 1000);
}

/* FileOpen with many descriptors open already. */
static void many_descriptors(void)
{
	for (unsigned i = 0; i < 400; i++)
		assert_in_range(fake_open(fake, "/data/f", UHYVE_O_RDONLY, 0),
				3, 1000);
	run("FileOpen with 400 descriptors open", file_open);
}

/* The same machine with the one directory mapped at many places. */
static void many_mappings(void)
{
	const char **mappings = calloc(MAPPINGS, sizeof(*mappings));
	char message[SERVICES_MESSAGE], temp[96];
	struct services_config config = {
		.mem = fake->services.mem,
		.output = "none",
		.mappings = mappings,
		.mapping_count = MAPPINGS,
		.tempdir = temp,
	};
	snprintf(temp, sizeof(temp), "%s/tmp", fake->directory);
	for (unsigned i = 0; i < MAPPINGS; i++) {
		char *text = malloc(128);
		snprintf(text, 128, "%s:/m/%u", fake->data, i);
		mappings[i] = text;
	}
	services_release(&fake->services);
	assert_int_equal(services_init(&fake->services, &config, message), 0);
	run("FileOpen among 1,000 mappings", open_in_last_mapping);
	for (unsigned i = 0; i < MAPPINGS; i++)
		free((char *)mappings[i]);
	free(mappings);
}

static void every_call(void **state)
{
	fake = *state;
	make_files();
	for (unsigned i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		run(works[i].name, works[i].once);
	many_descriptors();
	many_mappings();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_call, fake_setup,
						fake_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
