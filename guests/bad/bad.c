/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Guests that each make one mistake (README.md): the mutants of the judge. The
 * number that the gate writes into the image chooses it; mistakes.def has
 * what the judge is to say. An image of version 2 holds those without calls of
 * version 3, an image of version 3 holds them all.
 */
#include "test.h"

#include <uhyve_interface/v1.h>

GUEST(summary = "a guest with one mistake")

/* ---- What the mistakes are made with ------------------------------------------- */

#define BAD(name) static __attribute__((noinline)) void mistake_##name(void)

static uint64_t at(const volatile void *p)
{
	return (uint64_t)(uintptr_t)p;
}

#if defined(__x86_64__)
#define PAUSE() __asm__ volatile("pause")
#else
#define PAUSE() __asm__ volatile("yield")
#endif

/* Shown, so that a run under another freedom can be told apart. */
static void show(uint64_t value)
{
	say("%x", value);
}

static struct uhyve_write_params write_block;
static struct uhyve_read_params read_block;
static struct uhyve_open_params open_block;
static struct uhyve_close_params close_block;
static uint8_t bytes[256];

static inline __attribute__((always_inline)) void
write_to(int32_t fd, uint64_t buf, uint64_t len)
{
	write_block = (struct uhyve_write_params){
		.len = len, .ret = UNANSWERED, .buf = {buf}, .fd = fd};
	uhyve_call_block(UHYVE_FILE_WRITE, &write_block);
}

static inline __attribute__((always_inline)) int64_t read_from(int32_t fd,
							       uint64_t buf,
							       uint64_t len)
{
	read_block = (struct uhyve_read_params){
		.len = len, .ret = UNANSWERED, .buf = {buf}, .fd = fd};
	uhyve_call_block(UHYVE_FILE_READ, &read_block);
	return read_block.ret;
}

static inline __attribute__((always_inline)) int32_t open_at(uint64_t name,
							     uint32_t flags,
							     uint32_t mode)
{
	open_block = (struct uhyve_open_params){
		{name}, (int32_t)flags, (int32_t)mode, UNANSWERED};
	uhyve_call_block(UHYVE_FILE_OPEN, &open_block);
	return open_block.ret;
}

static inline __attribute__((always_inline)) int32_t close_of(int32_t fd)
{
	close_block = (struct uhyve_close_params){fd, UNANSWERED};
	uhyve_call_block(UHYVE_FILE_CLOSE, &close_block);
	return close_block.ret;
}

/* ---- The call instruction -------------------------------------------------------- */

BAD(in_for_out)
{
	(void)uhyve_read(UHYVE_FILE_CLOSE);
}

BAD(wrong_number)
{
	uhyve_call_block(0x1250, &close_block);
}

BAD(reserved_number)
{
	uhyve_call_block(UHYVE_SHARED_MEM_OPEN, &close_block);
}

BAD(read_value_relied_on)
{
	show(uhyve_read(UHYVE_FILE_CLOSE));
}

BAD(word_to_serial_base)
{
	uhyve_call(UHYVE_SERIAL_WRITE_BUFFER, 'x');
}

BAD(exit_sign_extended)
{
	uhyve_call(UHYVE_EXIT, (uint64_t)(int64_t)-1);
}

BAD(byte_sign_extended)
{
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, (uint64_t)(int64_t)(int8_t)0xe9);
}

BAD(byte_with_garbage)
{
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, 0x1234500 | 'x');
}

#if defined(__x86_64__)
#include "bad_x86_64.h"
#else
#include "bad_aarch64.h"
#endif

/* ---- Blocks -------------------------------------------------------------------------- */

BAD(null_block)
{
	uhyve_call(UHYVE_FILE_CLOSE, 0);
}

BAD(truncated_block)
{
	uhyve_call(UHYVE_FILE_CLOSE, (uint32_t)at(&close_block));
}

BAD(block_across_the_end)
{
	uhyve_call(UHYVE_FILE_WRITE, ram_end() - 8);
}

BAD(misaligned_block)
{
	memcpy(bytes + 4,
	       &(struct uhyve_write_params){.buf = {at(bytes)}, .fd = 1}, 32);
	uhyve_call_block(UHYVE_FILE_WRITE, bytes + 4);
}

BAD(padding_relied_on)
{
	static struct {
		uint32_t word[8];
	} *view = (void *)&write_block;
	write_block = (struct uhyve_write_params){
		.ret = UNANSWERED, .buf = {at(bytes)}, .fd = 1};
	view->word[7] = 0x1234;
	uhyve_call_block(UHYVE_FILE_WRITE, &write_block);
	show(((volatile uint32_t *)view->word)[7]);
}

BAD(block_of_version_1)
{
	static struct uhyve_v1_write_params packed;
	packed = (struct uhyve_v1_write_params){1, at("x"), 1};
	uhyve_call_block(UHYVE_FILE_WRITE, &packed);
}

BAD(swapped_fields)
{
	write_to(1, 1, at("x"));
}

BAD(descriptor_of_64_bits)
{
	static struct {
		uint64_t len;
		int64_t ret;
		uint64_t buf;
		int64_t fd;
	} block;
	block.buf = at(bytes);
	block.fd = -1;
	uhyve_call_block(UHYVE_FILE_READ, &block);
}

BAD(whence_of_64_bits)
{
	static struct {
		int64_t offset;
		uint64_t whence;
	} block;
	block.offset = 10;
	block.whence = 1;
	uhyve_call_block(UHYVE_FILE_LSEEK, &block);
}

BAD(odd_whence)
{
	struct uhyve_lseek_params block = {0, 17, open_at(at("/data/f"), 0, 0)};
	uhyve_call_block(UHYVE_FILE_LSEEK, &block);
}

/* ---- Addresses and lengths ------------------------------------------------------------- */

BAD(null_name)
{
	open_at(0, UHYVE_O_RDONLY, 0);
}

BAD(truncated_pointer)
{
	open_at((uint32_t)at("/data/f"), UHYVE_O_RDONLY, 0);
}

BAD(pointer_in_reverse)
{
	write_to(1, __builtin_bswap64(at(bytes)), 1);
}

BAD(length_beyond_ram)
{
	read_from(0, at(bytes), ram_end());
}

BAD(console_length_beyond_ram)
{
	struct uhyve_serial_write_params block = {ram_end(), {at(bytes)}};
	uhyve_call_block(UHYVE_SERIAL_WRITE_BUFFER, &block);
}

BAD(buffer_over_block)
{
	read_from(0, at(&read_block.ret), 4);
}

BAD(path_without_nul)
{
	uint8_t *tail = ram_tail(4);
	memset(tail, 'x', 4);
	open_at(at(tail), UHYVE_O_RDONLY, 0);
}

BAD(garbage_after_path)
{
	static const char path[] = {'/', 'f', 1, 2, 3, 0};
	open_at(at(path), UHYVE_O_RDONLY, 0);
}

BAD(path_not_canonical)
{
	open_at(at("data//f"), UHYVE_O_RDONLY, 0);
}

/* ---- Files ---------------------------------------------------------------------------------- */

BAD(flags_of_macos)
{
	open_at(at("/new"), 0x200, 0644);
}

BAD(excl_of_macos)
{
	open_at(at("/new"), UHYVE_O_RDWR | UHYVE_O_CREAT | 0x800, 0644);
}

BAD(directory_of_aarch64)
{
	open_at(at("/data"), 0x4000, 0);
}

BAD(unknown_flags)
{
	open_at(at("/data/f"), 0x80000, 0);
}

BAD(truncate_read_only)
{
	open_at(at("/data/f"), UHYVE_O_TRUNC, 0);
}

BAD(decimal_mode)
{
	open_at(at("/new"), UHYVE_O_WRONLY | UHYVE_O_CREAT, 644);
}

BAD(mode_forgotten)
{
	open_at(at("/new"), UHYVE_O_WRONLY | UHYVE_O_CREAT, 0);
}

BAD(negative_descriptor)
{
	read_from(-1, at(bytes), 1);
}

BAD(result_ignored)
{
	read_from(open_at(at("/missing"), UHYVE_O_RDONLY, 0), at(bytes), 1);
}

BAD(unopened_descriptor)
{
	read_from(77, at(bytes), 1);
}

BAD(closed_descriptor)
{
	int32_t fd = open_at(at("/data/f"), UHYVE_O_RDONLY, 0);
	close_of(fd);
	read_from(fd, at(bytes), 1);
}

BAD(closed_twice)
{
	int32_t fd = open_at(at("/data/f"), UHYVE_O_RDONLY, 0);
	close_of(fd);
	close_of(fd);
}

/* The number may be given again, to another file, or not. */
BAD(stale_descriptor)
{
	int32_t fd = open_at(at("/data/f"), UHYVE_O_RDONLY, 0);
	close_of(fd);
	open_at(at("/data/f"), UHYVE_O_RDONLY, 0);
	read_from(fd, at(bytes), 1);
}

BAD(write_to_read_only)
{
	write_to(open_at(at("/data/f"), UHYVE_O_RDONLY, 0), at(bytes), 1);
}

BAD(short_count_ignored)
{
	int32_t fd = open_at(at("/new"), UHYVE_O_RDWR | UHYVE_O_CREAT, 0644);
	write_to(fd, at("0123456789abcdef"), 16);
	struct uhyve_lseek_params block = {0, UHYVE_SEEK_END, fd};
	uhyve_call_block(UHYVE_FILE_LSEEK, &block);
	show((uint64_t)block.offset);
}

/* A component that is not a directory: one number is recommended, none is fixed. */
BAD(one_error_number_expected)
{
	int32_t ret = open_at(at("/data/f/g"), UHYVE_O_RDONLY, 0);
	if (ret != -UHYVE_ENOTDIR)
		uhyve_exit(101);
}

/* ---- Console input ----------------------------------------------------------------------------- */

BAD(no_byte_for_a_byte)
{
	uint8_t byte = (uint8_t)uhyve_read(UHYVE_SERIAL_READ_BYTE);
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, byte);
}

BAD(input_by_two_ways)
{
	(void)uhyve_read(UHYVE_SERIAL_READ_BYTE);
	read_from(0, at(bytes), 0);
}

BAD(read_buffer_not_preset)
{
	struct uhyve_serial_read_params block = {4, 0, {at(bytes)}};
	uhyve_call_block(UHYVE_SERIAL_READ_BUFFER, &block);
}

/* ---- Memory --------------------------------------------------------------------------------------- */

BAD(boot_information_written)
{
	((struct uhyve_boot_info *)(uintptr_t)boot_info)->num_cpus = 1;
}

BAD(ram_after_the_image)
{
	volatile uint8_t *after = (volatile uint8_t *)guest_image_end;
	after[4096] = 1;
}

BAD(ram_not_mapped)
{
	*(volatile uint8_t *)(ram_end() - 1) = 1;
}

BAD(constants_written)
{
	static const uint8_t constant[8192] = {1};
	*(volatile uint8_t *)(uintptr_t)&constant[4096] = 2;
}

BAD(stray_store)
{
	map_ram(ram_end(), 8);
	*(volatile uint64_t *)ram_end() = 1;
}

/* ---- Ends that do not come ---------------------------------------------------------------------------- */

BAD(endless)
{
	for (;;)
		PAUSE();
}

/* ---- Several vCPUs ---------------------------------------------------------------------------------------- */

static volatile uint32_t reading;

/* vCPU 1 waits for input in the block of both. */
static __attribute__((noinline)) void share_block(void)
{
	read_block = (struct uhyve_read_params){
		.len = 1, .ret = UNANSWERED, .buf = {at(bytes)}, .fd = 0};
	reading = 1;
	uhyve_call_block(UHYVE_FILE_READ, &read_block);
}

BAD(block_of_two)
{
	while (!reading)
		PAUSE();
	for (volatile unsigned i = 0; i < 20000; i++)
		;
	uhyve_call_block(UHYVE_FILE_CLOSE, &read_block);
}

/* ---- From the entry on: chosen by bad_start ------------------------------------------------------------------ */

/* Both vCPUs come here, on one stack. */
static volatile uint32_t other_called;

__attribute__((used, noinline)) void mistake_one_stack_for_all(uint64_t cpu)
{
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, 'x');
	if (cpu) {
		other_called = 1;
		guest_park();
	}
	/* On a busy host the other one begins late. */
	while (!other_called)
		;
	uhyve_exit(0);
}

/* RSP is what it was at entry. */
__attribute__((used, noinline)) void mistake_entry_stack(void)
{
	volatile uint64_t on_stack = 'x';
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, on_stack);
	uhyve_exit(0);
}

/* The entry (bad_start) is like the lib's, but for two mistakes. */
__attribute__((used, aligned(16))) uint8_t bad_stack[4096];
__asm__(".globl bad_stack_end\n.set bad_stack_end, bad_stack + 4096\n");

/* ---- Calls of version 3 ------------------------------------------------------------------------------------------ */

#if GUEST_INTERFACE == 3
static struct uhyve_getdents_params dents_block;

static uint64_t list(volatile uint8_t *to, uint64_t len)
{
	static int32_t fd = -1;
	if (fd < 0)
		fd = open_at(at("/data"), UHYVE_O_DIRECTORY, 0);
	dents_block = (struct uhyve_getdents_params){
		.fd = fd, .buf = {at(to)}, .len = len};
	uhyve_call_block(UHYVE_GETDENTS, &dents_block);
	return dents_block.ret.tag == UHYVE_GETDENTS_SUCCESS
		       ? dents_block.ret.len
		       : 0;
}

#define NAME 19 /* offset of the name in a record */

/* The next record begins where the name ends, rounded up: it need not. */
BAD(records_by_strlen)
{
	for (uint64_t len; (len = list(bytes, sizeof(bytes)));) {
		for (uint64_t i = 0; i + NAME < len;) {
			const char *name = (const char *)bytes + i + NAME;
			say("%s", name);
			i += (NAME + strlen(name) + 1 + 7) / 8 * 8;
		}
	}
}

static void each_record(void (*use)(const char *name))
{
	for (uint64_t len; (len = list(bytes, sizeof(bytes)));)
		for (uint64_t i = 0; i < len;) {
			use((const char *)bytes + i + NAME);
			i += bytes[i + 16] | (uint64_t)bytes[i + 17] << 8;
		}
}

/* d_off, as if it were a number of something. */
static void show_offset(const char *name)
{
	uint64_t offset;
	memcpy(&offset, name - NAME + 8, sizeof(offset));
	show(offset);
}
BAD(order_of_records)
{
	each_record(show_offset);
}

static uint64_t count;
static void count_name(const char *name)
{
	(void)name;
	count++;
}
BAD(dots_counted)
{
	each_record(count_name);
	show(count - 2);
}

BAD(length_without_nul)
{
	struct uhyve_mkdir_params block = {.path = {at("/new")}, .len = 4};
	uhyve_call_block(UHYVE_MKDIR, &block);
}

BAD(odd_kind)
{
	struct uhyve_stat_params block = {
		.name = {at("/data/f")}, .kind = 7, .attr = {at(bytes)}};
	uhyve_call_block(UHYVE_FILE_STAT, &block);
}

/* In an image that names version 2 (an edit of the gate). */
BAD(not_preset)
{
	struct uhyve_mkdir_params block = {.path = {at("/new")}, .len = 5};
	block.ret.tag = UHYVE_MKDIR_SUCCESS;
	uhyve_call_block(UHYVE_MKDIR, &block);
}
BAD(not_probed)
{
	struct uhyve_stat_params block = {.name = {at("/data/f")},
					  .attr = {at(bytes)}};
	uhyve_call_block(UHYVE_FILE_STAT, &block);
	show(block.ret.tag);
}
#endif

/* ---- The choice ------------------------------------------------------------------------------------------------------ */

enum {
	BAD_none,
#define MISTAKE(name, says, settings) BAD_##name,
#define MISTAKE_X86_64(name, says, settings) BAD_##name,
#define MISTAKE_AARCH64(name, says, settings) BAD_##name,
#include "mistakes.def"
#define MISTAKE(name, says, settings) BAD_##name,
#include "mistakes_3.def"
	BAD_COUNT
};

/* bad_start knows these two. */
_Static_assert(BAD_entry_stack == 1 && BAD_one_stack_for_all == 2,
	       "the first two");
#define mistake_entry_stack NULL
#define mistake_one_stack_for_all NULL

#define MISTAKE_HERE(name, says, settings) [BAD_##name] = mistake_##name,
#if defined(__x86_64__)
#define MISTAKE_X86_64 MISTAKE_HERE
#define MISTAKE_AARCH64(name, says, settings)
#else
#define MISTAKE_X86_64(name, says, settings)
#define MISTAKE_AARCH64 MISTAKE_HERE
#endif

static void (*const mistakes[BAD_COUNT])(void) = {
#define MISTAKE MISTAKE_HERE
#include "mistakes.def"
#if GUEST_INTERFACE == 3
#define MISTAKE(name, says, settings) [BAD_##name] = mistake_##name,
#include "mistakes_3.def"
#endif
};

void guest_cpu_main(unsigned cpu)
{
	(void)cpu;
	if (guest_variant() == BAD_block_of_two)
		share_block();
	guest_park();
}

/* Does what is requested, and what a correct guest does besides. */
void guest_main(void)
{
	unsigned choice = guest_variant();
	say("begins");
	if (choice < BAD_COUNT && mistakes[choice])
		mistakes[choice]();
	say("ends");
	uhyve_exit(0);
}
