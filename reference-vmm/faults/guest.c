/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The guest of `make faults`: makes every call on files, tells each result, and
 * counts on nothing. A line is "NAME RESULT"; "wrong" begins one that no fault of the
 * host explains: bytes that were reported read and are other ones.
 */
#include "dirs.h"
#include "test.h"

GUEST(summary = "every call, and what it gave", tap = false)

#define CHUNK 5000
#define CHUNKS 3

static uint8_t bytes[CHUNK], back[CHUNK];

/* The byte at a position of a file that this guest wrote. */
static uint8_t pattern(int64_t position)
{
	return (uint8_t)(position % 251);
}

static int64_t tell(const char *name, int64_t result)
{
	say("%s %d", name, result);
	return result;
}

/* Writes where the last write ended, by what it reported. */
static int64_t write_all(int32_t fd)
{
	int64_t at = 0;

	for (int chunk = 0; chunk < CHUNKS; chunk++) {
		for (int64_t i = 0; i < CHUNK; i++)
			bytes[i] = pattern(at + i);
		int64_t n = file_write_some(fd, bytes, CHUNK);
		tell("write", n);
		if (n > CHUNK)
			say("wrong count of a write: %d", n);
		at += n > 0 ? n : 0;
	}
	return at;
}

static void read_all(int32_t fd, int64_t written)
{
	int64_t at = 0;

	/* One more, which finds the end; and some, for reads that fail. */
	for (int tries = 0; tries < CHUNKS + 3; tries++) {
		int64_t n = file_read(fd, back, CHUNK);
		tell("read", n);
		if (n > CHUNK || (n > 0 && at + n > written))
			say("wrong count of a read: %d at %d of %d", n, at,
			    written);
		for (int64_t i = 0; i < n && i < CHUNK; i++)
			if (back[i] != pattern(at + i)) {
				say("wrong byte at %d", at + i);
				return;
			}
		at += n > 0 ? n : 0;
		if (n == 0)
			break;
	}
	if (at != written)
		say("unread %d", written - at);
}

static void use_file(const char *path)
{
	int32_t fd = file_open(path, UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);

	tell("create", fd);
	if (fd < 3)
		return;
	int64_t written = write_all(fd);
	if (tell("lseek", file_lseek(fd, 0, UHYVE_SEEK_SET)) == 0)
		read_all(fd, written);
	/* For the host, which looks after the end. */
	say("written %s %d", path, written);
	tell("close", file_close(fd));
}

static void look_around(void)
{
	static struct uhyve_file_attr attr;
	struct uhyve_stat_params stat = {.name = {(uintptr_t)"/data/in"},
					 .attr = {(uintptr_t)&attr}};
	int32_t fd = file_open("/data", UHYVE_O_DIRECTORY, 0);

	tell("opendir", fd);
	if (fd >= 3) {
		tell("getdents", dir_read(fd, back, CHUNK));
		tell("closedir", file_close(fd));
	}
	uhyve_call(UHYVE_FILE_STAT, (uintptr_t)&stat);
	fd = file_open("/data/in", UHYVE_O_RDONLY, 0);
	tell("open", fd);
	if (fd >= 3) {
		tell("fstat", file_fstat(fd, &attr));
		tell("readin", file_read(fd, back, 16));
		tell("close", file_close(fd));
	}
}

void guest_main(void)
{
	say("begin");
	use_file("/data/out");
	use_file("/private/deep/out");
	look_around();
	tell("mkdir", dir_make("/data/dir"));
	tell("mkdir", dir_make("/private/dir"));
	tell("unlink", file_unlink("/data/gone"));
	tell("unlink", file_unlink("/private/deep/out"));
	tell("input", file_read(0, back, 8));
	say("end");
	uhyve_exit(0);
}
