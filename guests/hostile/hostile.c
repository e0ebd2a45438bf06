/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A guest that means harm: calls of random numbers with random arguments and
 * blocks of random content, from a seed, of every vCPU at a time and all in the
 * same memory. By hand, for another seed and as many calls as one likes:
 *
 *	uhyve-ref hostile.elf -- -- seed=7 calls=100000 anywhere=1
 *
 * Blocks of the file calls lie in RAM, so that every call can be answered, and the
 * guest ends with status 42; with other numbers, or with anywhere=1, the hypervisor
 * may end it.
 * What is written is kept from flooding the console: buffers are small, or do not
 * fit into RAM.
 */
#include "cpus.h"

#include <uhyve_interface/calls.h>

GUEST(
	summary = "hundreds of random calls",
	variants = {
		"seed-1" = {},
		"seed-2" = {},
		"anywhere-3" = { status = { nonzero = true, id = "UHY-ROB-030" } },
		"anywhere-4" = { status = { nonzero = true, id = "UHY-ROB-030" } },
		"two-vcpus" = { vcpus = 2, needs = ["smp"] },
		"every-number-5" = { status = { nonzero = true, id = "UHY-ROB-030" } },
		"version-3" = { needs = ["interface-3"],
			status = { code = 42, id = "UHY-ROB-002" } }
	},
	files = { "data/a" = "a file that the guest may have" },
	tap = false,
	status = { code = 42, id = "UHY-ROB-001" }
)

/* The end of RAM is free: the image and its stacks lie at the beginning. */
#define SCRATCH_SIZE (UINT64_C(4) << 20)
#define CALLS 400

static uint64_t scratch;
static bool anywhere;

/*
 * Which numbers are called. Those that have a field for an error must return; of
 * any others an orderly end is as good.
 */
static enum { FILES, FILES_OF_3, EVERY } numbers;

/*
 * Where one vCPU has its calls from. Words and numbers are dealt from two decks,
 * of which now and then a card is replaced: a guest that runs for long must not
 * spend its time on making them.
 */
#define WORDS 64
#define NUMBERS 32
struct dealer {
	uint64_t state;
	uint64_t words[WORDS];
	uint16_t numbers[NUMBERS];
};

/* The number after word in the device tree's text, else otherwise. */
static uint64_t setting(const char *word, uint64_t otherwise)
{
	const uint8_t *tree = (const uint8_t *)boot_info->device_tree.addr;
	/* Its size, big-endian, at 4; the bytes after a match are in it. */
	size_t size = (size_t)(tree[6] << 8 | tree[7]), n = strlen(word);

	for (const uint8_t *at = tree; at + n < tree + size; at++) {
		uint64_t value = 0;
		if (*at != (uint8_t)*word || memcmp(at, word, n) != 0)
			continue;
		for (at += n; *at >= '0' && *at <= '9'; at++)
			value = value * 10 + (uint64_t)(*at - '0');
		return value;
	}
	return otherwise;
}

/* The place for names, some of them names of files that exist. */
static uint64_t put_name(struct dealer *dealer)
{
	static const char *const names[] = {
		"/data/a",
		"/data/b",
		"/data",
		"/",
		"../x",
		"/p/q/r",
		"//a/./b",
		"",
		"\xff",
		"/p/q",
		"/dev",
		"/data/../etc",
		"/data/link/secret",
		"/data/link/new",
		"/data/link",
	};
	uint64_t r = random_next(&dealer->state);
	uint8_t *at = (uint8_t *)(scratch + (r & 0xfff0));
	const char *name = names[(r >> 32) % (sizeof(names) / sizeof(*names))];
	memcpy(at, name, strlen(name) + 1);
	return (uint64_t)at;
}

/* 64 bits that mean something somewhere. */
static uint64_t number64(struct dealer *dealer)
{
	uint64_t r = random_next(&dealer->state), small = r >> 58;
	switch (r % 16) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX - small;
	case 2:
		return ram_end() - small;
	case 3:
		return ram_start() - small;
	case 4:
	case 5:
	case 6:
		return scratch + (r >> 48);
	case 7:
	case 8:
		return put_name(dealer);
	case 9:
		return UINT64_C(1) << (r >> 59 | 0x20);
	case 10:
	case 11:
		return 3 + small % 4;
	case 12:
		/* Two 32-bit fields: descriptor and whence, flags and mode. */
		return (3 + small % 4) << 32 | (r >> 24 & 0x7ff);
	case 13:
		return (uint64_t)0644 << 32 | (r >> 24 & 0x106ff);
	case 14:
		return small;
	default:
		return r;
	}
}

static uint16_t call_number(struct dealer *dealer)
{
	uint64_t r = random_next(&dealer->state);
	uint16_t number = (uint16_t)(0x1010 + (r >> 8) % 0x20 * 0x10);
	if (numbers == FILES)
		return (uint16_t)(UHYVE_FILE_WRITE + (r >> 8) % 6 * 0x10);
	if (numbers == FILES_OF_3)
		return (uint16_t)(UHYVE_FILE_WRITE + (r >> 8) % 10 * 0x10);
	const struct uhyve_call_info *call =
		uhyve_call_at((unsigned)(r >> 8 & 0xff) % 17);

	if (r % 16 > 2 && call)
		number = call->number;
	else if (r % 16 == 0)
		number = (uint16_t)(0x1000 + (r >> 8) % 0xf000);
	/* Exit would be the end. */
	return number == UHYVE_EXIT || !number_callable(number)
		       ? UHYVE_FILE_OPEN
		       : number;
}

static void fill_decks(struct dealer *dealer)
{
	for (unsigned i = 0; i < WORDS; i++)
		dealer->words[i] = number64(dealer);
	for (unsigned i = 0; i < NUMBERS; i++)
		dealer->numbers[i] = call_number(dealer);
}

static void replace_cards(struct dealer *dealer, uint64_t r)
{
	dealer->words[r % WORDS] = number64(dealer);
	dealer->numbers[r / WORDS % NUMBERS] = call_number(dealer);
}

/* One random number makes a call: bits 0 to 29 deal the block's words. */
static void one_call(struct dealer *dealer)
{
	uint64_t r = random_next(&dealer->state);
	uint64_t block = scratch + (r >> 30 & 0xffff);
	uint16_t number = dealer->numbers[r >> 46 & (NUMBERS - 1)];

	if ((r >> 51 & 7) == 0)
		block = ram_end() - 40 - (r >> 60);
#pragma GCC unroll 5
	for (unsigned i = 0; i < 5; i++)
		__builtin_memcpy((void *)(block + i * 8),
				 &dealer->words[r >> i * 6 & (WORDS - 1)], 8);
	if ((r >> 54 & 15) == 0)
		replace_cards(dealer, r >> 16);
	if (anywhere && (r >> 51 & 255) == 1)
		block = number64(dealer);
	if (r >> 58 == 0)
		uhyve_read(number);
	else
		uhyve_call(number, block);
}

static struct dealer dealers[GUEST_MAX_CPUS];
static volatile uint32_t begun;

void guest_cpu_main(unsigned cpu)
{
	struct dealer *dealer = &dealers[cpu];

	if (!wait_for(&begun, 1))
		return;
	dealer->state = dealers[0].state + cpu;
	fill_decks(dealer);
	for (;;)
		one_call(dealer);
}

void guest_main(void)
{
	static const uint8_t called[] = {FILES, FILES, EVERY,     EVERY,
					 FILES, EVERY, FILES_OF_3};
	struct dealer *dealer = &dealers[0];
	uint64_t seed = setting("seed=", guest_variant() + 1);
	uint64_t calls = setting("calls=", CALLS);

	numbers = FOR_VARIANT(called);
	anywhere = setting("anywhere=",
			   guest_variant() == 2 || guest_variant() == 3);
	map_ram(ram_end() - SCRATCH_SIZE, SCRATCH_SIZE);
	scratch = ram_end() - SCRATCH_SIZE;
	dealer->state = seed;
	fill_decks(dealer);
	publish(&begun, 1);
	while (calls-- > 0)
		one_call(dealer);
	uhyve_exit(42);
}
