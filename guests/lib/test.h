/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What every test guest is written with. A guest is
 *
 *	#include "test.h"
 *	GUEST(summary = "...")
 *	void guest_main(void)
 *	{
 *		TEST("UHY-OPEN-008", "O_EXCL on an existing file") {
 *			expect_eq(file_open("/data/f", ...), -UHYVE_EEXIST);
 *		}
 *	}
 *
 * and speaks TAP (Test Anything Protocol) on the console: a comment when a test
 * begins (so that a crash can be blamed on it), one line when it ends, the plan after
 * the last. The image ends with Exit(0) when every test was ok, with Exit(1)
 * otherwise.
 */
#ifndef GUEST_TEST_H
#define GUEST_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uhyve_interface/boot.h>
#include <uhyve_interface/guest.h>

#include "limits.h"
#include "manifest.h"

/* ---- Given by the guest --------------------------------------------------- */

/* Runs on vCPU 0. After it returns the guest ends by itself. */
void guest_main(void);

/* Runs on every other vCPU; parks it unless the guest defines its own. */
void guest_cpu_main(unsigned cpu);

/* ---- What the guest is told ------------------------------------------------ */

extern const struct uhyve_boot_info *boot_info;

/* The registers of each vCPU at entry; flags: RFLAGS, else 0. */
extern struct guest_entry {
	uint64_t stack, flags, boot_info, cpu;
} guest_entries[GUEST_MAX_CPUS];

/* Counts vCPUs that began with a number that is too high, or another's. */
extern volatile uint32_t guest_turned_away;

/* The image in memory, from its first segment to the end of its last. */
extern const uint8_t guest_image[] __attribute__((visibility("hidden")));
extern const uint8_t guest_image_end[] __attribute__((visibility("hidden")));

/*
 * Which of the manifest's variants this run is, 0 for the first. The harness
 * writes it into the image; by hand it is 0.
 */
unsigned guest_variant(void);

/* The same, below count; the guest gives up where there is no such variant. */
unsigned guest_variant_of(unsigned count);
_Noreturn void guest_no_such_variant(void);

/* What an array has for this variant. */
#define FOR_VARIANT(array)                                                     \
	((array)[guest_variant_of(sizeof(array) / sizeof((array)[0]))])

/*
 * Between these times of the host the guest starts, in nanoseconds since 1970; 0
 * by hand.
 */
int64_t guest_earliest_start(void);
int64_t guest_latest_start(void);

/*
 * A number that depends on one that the harness wrote into the image, so that
 * only running it can produce it: mixed(challenge), see guests/README.md.
 */
uint64_t guest_response(void);

/* The next number of SplitMix64, from a state that it advances. */
static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* ---- Tests ----------------------------------------------------------------- */

/*
 * One test of one requirement: the block runs once, and is ok when it made at
 * least one expectation and all of them held. Leave it only at its end. The harness
 * reads in the image which tests a run owes; of TEST_IN, which runs in some variants
 * only, it is owed by these.
 */
#define TEST(id, text) TEST_IN(~0u, id, text)
#define TEST_IN(variants, id, text)                                            \
	for (test_begin_in(variants, TEST_ID_IN(variants, id), text);          \
	     test_open(); test_end())

/* Variants of which TEST_IN is a test: number n, or those from first to last. */
#define VARIANT(n) (1u << (n))
#define VARIANTS(first, last) ((2u << (last)) - VARIANT(first))

/* A test whose requirement is chosen while the guest runs, by one of its TEST_IDs. */
#define TEST_OF(id, text) for (test_begin(id, text); test_open(); test_end())
#define TEST_ID(id) TEST_ID_IN(~0u, id)

/* The id, which it puts into the image, too. */
#define TEST_ID_IN(variants, id)                                               \
	({                                                                     \
		static const struct test_owed test_owed_ __attribute__((       \
			used, aligned(4), section(".uhyve.tests"))) = {        \
			id, variants};                                         \
		id;                                                            \
	})
struct test_owed {
	char id[20];
	uint32_t variants;
};

void test_begin(const char *id, const char *text);
void test_begin_in(uint32_t variants, const char *id, const char *text);
bool test_open(void);
void test_end(void);

/*
 * For a test of which the specification lets the hypervisor end the virtual
 * machine instead: call it right before the call in question, and
 * test_went_on() right after it. The harness accepts an orderly, non-zero end in
 * between.
 */
void test_may_end(void);
void test_went_on(void);

/* Each of these gives whether it held; the first that fails is reported. */
#define expect(condition) expect_true((condition), #condition)
bool expect_true(bool held, const char *what);

#define expect_eq(actual, expected)                                            \
	expect_equal((int64_t)(actual), (int64_t)(expected), #actual)
bool expect_equal(int64_t actual, int64_t expected, const char *what);

/* actual is one of the values that follow. */
#define expect_one_of(actual, ...)                                             \
	expect_among((int64_t)(actual), (const int64_t[]){__VA_ARGS__},        \
		     sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t),       \
		     #actual)
bool expect_among(int64_t actual, const int64_t *allowed, size_t n,
		  const char *what);

/* actual lies between low and high, both included. */
#define expect_between(actual, low, high)                                      \
	expect_range((int64_t)(actual), (low), (high), #actual)
bool expect_range(int64_t actual, int64_t low, int64_t high, const char *what);

/* A descriptor that FileOpen may give; some error number, as ret holds it. */
#define expect_fd(actual) expect_between((actual), 3, INT32_MAX)
#define expect_error(actual) expect_between((actual), -UHYVE_ERRNO_MAX, -1)

/* len bytes are equal. */
#define expect_bytes(actual, expected, len)                                    \
	expect_memory((actual), (expected), (len), #actual)
bool expect_memory(const volatile void *actual, const void *expected,
		   size_t len, const char *what);

/* len bytes all have the value of byte. */
#define expect_filled(actual, byte, len)                                       \
	expect_all((actual), (byte), (len), #actual)
bool expect_all(const volatile void *actual, uint8_t byte, size_t len,
		const char *what);

/* ---- Console and end ------------------------------------------------------- */

/* Prints a line; %s, %d (int64_t), %u, %x (uint64_t). Adds the newline. */
void say(const char *format, ...);

/* Sends bytes through SerialWriteBuffer, as they are. */
void console_write(const void *bytes, size_t len);

/* Prints the plan, if there were tests, and ends the virtual machine. */
_Noreturn void guest_end(void);

/* ---- Calls ------------------------------------------------------------------ */

/*
 * Makes the call with this block and remembers number and block: an expectation
 * that fails afterwards shows the fields of the block.
 */
void call(uint16_t number, volatile void *block);

/*
 * True if a call instruction can carry this number: on aarch64 and riscv64 it is an
 * address, which has to be aligned and to be mapped.
 */
static inline bool number_callable(uint64_t number)
{
#if defined(__aarch64__) || defined(__riscv)
	return number < 0x2000 && number % 8 == 0;
#else
	return number <= UINT16_MAX;
#endif
}

/* The value of ret before a call: no descriptor, no count, no error number. */
#define UNANSWERED (-77777)

/* The file calls with a fresh block each; the result as the block holds it. */
int32_t file_open(const char *path, int32_t flags, int32_t mode);
int32_t file_close(int32_t fd);
int64_t file_read(int32_t fd, volatile void *buf, uint64_t len);
/*
 * FileWrite may write fewer bytes than it is given. file_write() makes as many
 * calls as it takes, and gives the count of all bytes when an obstacle comes in
 * between; file_write_some() makes one.
 */
int64_t file_write(int32_t fd, const volatile void *buf, uint64_t len);
int64_t file_write_some(int32_t fd, const volatile void *buf, uint64_t len);
int64_t file_lseek(int32_t fd, int64_t offset, uint32_t whence);
int32_t file_unlink(const char *path);

/* Opens a file, whose first bytes are text, of at most 16 bytes. */
void expect_content(const char *path, const char *text);

/* ---- Memory ------------------------------------------------------------------ */

/*
 * At entry only the image's pages are mapped. Maps the 2 MiB pages of
 * [address, address + len), which must lie in RAM, one to one.
 */
void map_ram(uint64_t address, uint64_t len);

/* Maps registers of a device one to one (not on x86-64). */
void map_device(uint64_t address, uint64_t len);

/* Guest-physical address of the root of the page tables; riscv64: 0, there are none. */
uint64_t page_table_root(void);

/* The last len bytes of RAM, mapped; the first address beyond RAM. */
uint8_t *ram_tail(size_t len);
uint64_t ram_end(void);
uint64_t ram_start(void);

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);

_Noreturn void guest_park(void);

#endif
