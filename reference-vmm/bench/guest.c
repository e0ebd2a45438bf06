/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The guest of `make bench`: makes one kind of call over and over and prints
 * how many cycles of the time-stamp counter that took, "NAME CALLS CYCLES" a
 * line. The loop around the calls is measured as well, to be subtracted: where
 * KVM interprets kernel-mode code, it costs more than an exit.
 */
#include "test.h"

GUEST(summary = "how long calls take", tap = false)

/* Windows of less than a ms, so that a busy host interrupts few of them. */
#define ROUNDS 20
#define KIB 1024u
#define MIB (KIB * KIB)

static uint8_t buffer[MIB] __attribute__((aligned(4096)));
static struct uhyve_lseek_params seek;
static struct uhyve_write_params put;
static struct uhyve_read_params get;

static uint64_t cycles(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* A port of PCI: no hypercall, a bare exit of the same kind. */
#define JUST_AN_EXIT 0xcf8

struct work {
	const char *name;
	uint16_t number; /* 0: only the loop */
	volatile void *block;
	uint64_t len; /* of reads and writes, bytes */
	unsigned calls;
};

static const struct work works[] = {
	{"loop", 0, NULL, 0, 100},
	{"exit", JUST_AN_EXIT, NULL, 0, 20},
	{"SerialWriteByte", UHYVE_SERIAL_WRITE_BYTE, NULL, 0, 20},
	{"FileLseek", UHYVE_FILE_LSEEK, &seek, 0, 20},
	{"FileWrite-4KiB", UHYVE_FILE_WRITE, &put, 4 * KIB, 20},
	{"FileRead-4KiB", UHYVE_FILE_READ, &get, 4 * KIB, 20},
	{"FileWrite-1MiB", UHYVE_FILE_WRITE, &put, MIB, 2},
	{"FileRead-1MiB", UHYVE_FILE_READ, &get, MIB, 2},
};

/* The same instructions for every kind of work. */
static uint64_t measure(const struct work *work)
{
	uint64_t argument = (uint64_t)(uintptr_t)work->block;
	uint16_t number = work->number;
	uint64_t begin = cycles();
	if (number)
		for (unsigned i = 0; i < work->calls; i++)
			uhyve_call(number, argument);
	else
		for (unsigned i = 0; i < work->calls; i++)
			__asm__ volatile("");
	return cycles() - begin;
}

static void run(const struct work *work)
{
	uint64_t total;
	put.len = get.len = work->len;
	/* Back to the beginning: a file of 2 MiB at most. */
	file_lseek(put.fd, 0, UHYVE_SEEK_SET);
	total = measure(work);
	say("%s %u %u", work->name, (uint64_t)work->calls, total);
}

void guest_main(void)
{
	for (unsigned i = 0; i < sizeof(buffer); i += 4096)
		buffer[i] = 1;
	put.fd = get.fd = seek.fd =
		file_open("/data/file", UHYVE_O_CREAT | UHYVE_O_RDWR, 0600);
	put.buf = uhyve_gpa_of(buffer);
	get.buf = uhyve_gpa_of(buffer);
	/* To the beginning: the result, offset, is the next call's input. */
	seek.whence = UHYVE_SEEK_SET;
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned i = 0; i < sizeof(works) / sizeof(works[0]); i++)
			run(&works[i]);
	uhyve_exit(0);
}
