/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The guest of `make growth`: makes one kind of call as its arguments say, and prints
 * "NAME CALLS CYCLES", as guest.c does. Its arguments are NAME CALLS and one more:
 *
 *	open PATH          FileOpen and FileClose
 *	held COUNT         the same of /data/file, with COUNT descriptors open
 *	list PATH          Getdents of 64 KiB until the end of the directory
 *	read, write SIZE   SIZE bytes from or to position 0 of /data/file
 *	apart, together 0  FileRead of 4 KiB by every vCPU, on descriptors of their
 *	                   own or on one that all share
 */
#include "cpus.h"
#include "dirs.h"
#include "fdt.h"

GUEST(summary = "what a call costs as its work grows", tap = false)

#define WORDS 3
#define KIB 1024u
#define ROUNDS 5
#define PARALLEL_READ (4 * KIB)
#define LIST_BUFFER (64 * KIB)

static char words[WORDS][4096];
static uint64_t calls;
static uint8_t *buffer; /* in RAM after the image */

static uint64_t cycles(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* The words after "--" of the command line. */
static void read_words(void)
{
	uint32_t len = 0;
	const char *at = fdt_property("/chosen", "bootargs", &len);
	unsigned word = 0, end = 0;

	if (!at || len < 3 || memcmp(at, "-- ", 3) != 0)
		return;
	for (at += 3; *at && word < WORDS; at++) {
		if (*at == ' ') {
			word++;
			end = 0;
		} else if (end < sizeof(words[0]) - 1) {
			words[word][end++] = *at;
		}
	}
}

/* The floor gives a guest no words: it is measured with several vCPUs. */
static void take_the_floors(void)
{
	memcpy(words[0], "apart", 6);
	memcpy(words[1], "400", 4);
}

static bool is(const char *name)
{
	return strlen(words[0]) == strlen(name) &&
	       memcmp(words[0], name, strlen(name)) == 0;
}

static uint64_t number(const char *digits)
{
	uint64_t value = 0;
	for (; *digits >= '0' && *digits <= '9'; digits++)
		value = value * 10 + (uint64_t)(*digits - '0');
	return value;
}

/* ---- Calls of one vCPU ----------------------------------------------------------- */

static void open_and_close(const char *path)
{
	for (uint64_t i = 0; i < calls; i++)
		file_close(file_open(path, UHYVE_O_RDONLY, 0));
}

static void list(const char *path)
{
	for (uint64_t i = 0; i < calls; i++) {
		int32_t fd =
			file_open(path, UHYVE_O_RDONLY | UHYVE_O_DIRECTORY, 0);
		while (dir_read(fd, buffer, LIST_BUFFER) > 0)
			;
		file_close(fd);
	}
}

static void transfer(int32_t fd, uint64_t size, bool out)
{
	for (uint64_t i = 0; i < calls; i++) {
		file_lseek(fd, 0, UHYVE_SEEK_SET);
		if (out)
			file_write(fd, buffer, size);
		else
			file_read(fd, buffer, size);
	}
}

/* ---- Calls of all vCPUs at once ----------------------------------------------------- */

static volatile uint32_t round_open;
static int32_t shared;

static void read_in_parallel(unsigned cpu)
{
	static struct uhyve_read_params blocks[GUEST_MAX_CPUS];
	struct uhyve_read_params *block = &blocks[cpu];
	block->len = PARALLEL_READ;
	block->buf = uhyve_gpa_of(buffer + cpu * PARALLEL_READ);
	block->fd = is("together") ? shared
				   : file_open("/data/file", UHYVE_O_RDONLY, 0);
	for (uint64_t i = 0; i < calls; i++)
		uhyve_call_block(UHYVE_FILE_READ, block);
}

void guest_cpu_main(unsigned cpu)
{
	/* The words are read before the round opens. */
	while (!observe(&round_open))
		linger(cpu);
	read_in_parallel(cpu);
	cpu_arrive();
}

static uint64_t parallel(void)
{
	unsigned others = (unsigned)boot_info->num_cpus - 1;
	uint64_t start;
	shared = file_open("/data/file", UHYVE_O_RDONLY, 0);
	start = cycles();
	publish(&round_open, 1);
	read_in_parallel(0);
	cpus_arrived(others);
	return cycles() - start;
}

/* ---- What was requested -------------------------------------------------------------- */

static void once(int32_t fd)
{
	if (is("open"))
		open_and_close(words[2]);
	else if (is("held"))
		open_and_close("/data/file");
	else if (is("list"))
		list(words[2]);
	else if (is("read") || is("write"))
		transfer(fd, number(words[2]), is("write"));
	else
		uhyve_exit(2);
}

void guest_main(void)
{
	const uint64_t page = 2 * KIB * KIB;
	uint64_t size;
	int32_t fd;
	if (boot_info->device_tree.addr)
		read_words();
	else
		take_the_floors();
	calls = number(words[1]);
	size = is("read") || is("write") ? number(words[2]) : LIST_BUFFER;
	buffer = (uint8_t *)(((uint64_t)(uintptr_t)guest_image_end + page - 1) &
			     ~(page - 1));
	map_ram((uint64_t)(uintptr_t)buffer, size);
	for (uint64_t i = 0; i < size; i += 4 * KIB)
		buffer[i] = 1;
	fd = file_open("/data/file", UHYVE_O_CREAT | UHYVE_O_RDWR, 0600);
	for (uint64_t i = 0; is("held") && i < number(words[2]); i++)
		file_open("/data/file", UHYVE_O_RDONLY, 0);
	if (is("apart") || is("together")) {
		say("%s %u %u", words[0], calls * boot_info->num_cpus,
		    parallel());
		uhyve_exit(0);
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t start = cycles();
		once(fd);
		say("%s %u %u", words[0], calls, cycles() - start);
	}
	uhyve_exit(0);
}
