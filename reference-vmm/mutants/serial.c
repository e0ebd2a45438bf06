/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The serial calls. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mutant.h"

static enum call_outcome byte_of_7_bits(struct call *call)
{
	call->argument &= 0x7f;
	return original(call);
}

static enum call_outcome byte_twice(struct call *call)
{
	original(call);
	return original(call);
}

static enum call_outcome one_byte_less(struct call *call)
{
	if (call->block.serial_write_params.len > 1)
		call->block.serial_write_params.len--;
	return original(call);
}

static enum call_outcome reads_beyond(struct call *call)
{
	call->block.serial_read_params.maxlen++;
	return original(call);
}

static enum call_outcome always_zero(struct call *call)
{
	original(call);
	call->read_value = 0;
	return CALL_RESUME;
}

/* ---- SerialWriteByte and SerialWriteBuffer --------------------------------- */

static enum call_outcome byte_middle_bits(struct call *call)
{
	return call->argument >> 8 & 0xfffffffffff ? CALL_RESUME
						   : original(call);
}

static enum call_outcome byte_high_bits(struct call *call)
{
	return call->argument >> 52 ? CALL_FAULT : original(call);
}

/* Two bytes at a time, the second first. */
static enum call_outcome bytes_swapped(struct call *call)
{
	static uint8_t held;
	uint8_t pair[2] = {(uint8_t)call->argument, held};

	held = pair[0];
	if (times() % 2 == 0)
		console_write(&call->services->console, pair, 2);
	return CALL_RESUME;
}

/* Each byte comes with the next one. */
static enum call_outcome byte_late(struct call *call)
{
	static uint8_t held;
	uint8_t before = held;

	held = (uint8_t)call->argument;
	if (times() > 1)
		console_write(&call->services->console, &before, 1);
	return CALL_RESUME;
}

/* The beginning of a line waits for its end, or for that of the process. */
static struct {
	struct console *console;
	char bytes[4096];
	size_t len;
} line;

static void write_line(void)
{
	__real_console_write(line.console, line.bytes, line.len);
	line.len = 0;
}

static void line_buffered(struct console *console, const void *bytes,
			  size_t len)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	const char *from = bytes;

	pthread_mutex_lock(&lock);
	if (!line.console)
		atexit(write_line);
	line.console = console;
	for (size_t i = 0; i < len; i++) {
		line.bytes[line.len++] = from[i];
		if (from[i] == '\n' || line.len == sizeof(line.bytes))
			write_line();
	}
	pthread_mutex_unlock(&lock);
}

static void refusal_is_fatal(struct console *console, const void *bytes,
			     size_t len)
{
	if (len > 0 && write(console->out, bytes, len) < 0)
		abort();
}

static enum call_outcome byte_to_memory(struct call *call)
{
	scribble(call, call->argument, 0, 1);
	return original(call);
}

/* Only ASCII, as if the console were text. */
static enum call_outcome ascii_only(struct call *call)
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;
	const uint8_t *from = gmem_at(&call->services->mem, p->buf, p->len);

	for (uint64_t i = 0; from && i < p->len; i++)
		if (from[i] < 0x80)
			console_write(&call->services->console, from + i, 1);
	return CALL_RESUME;
}

static enum call_outcome empty_writes(struct call *call)
{
	if (call->block.serial_write_params.len == 0)
		call->block.serial_write_params.len = 1;
	return original(call);
}

static enum call_outcome empty_is_checked(struct call *call)
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;

	call->fault = "an empty buffer outside RAM";
	if (p->len == 0 && !gmem_valid(&call->services->mem, p->buf.addr, 1))
		return CALL_FAULT;
	return original(call);
}

static enum call_outcome at_most_64_kib(struct call *call)
{
	if (call->block.serial_write_params.len > 0x10000)
		call->block.serial_write_params.len = 0x10000;
	return original(call);
}

static enum call_outcome buffer_cleared(struct call *call)
{
	enum call_outcome outcome = original(call);

	scribble(call, call->block.serial_write_params.buf.addr, 0, 1);
	return outcome;
}

static bool outside(const struct call *call)
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;

	return !gmem_valid(&call->services->mem, p->buf.addr, p->len);
}

static enum call_outcome outside_crashes(struct call *call)
{
	if (outside(call))
		abort();
	return original(call);
}

static enum call_outcome part_in_ram(struct call *call)
{
	struct uhyve_serial_write_params *p = &call->block.serial_write_params;
	const struct gmem *mem = &call->services->mem;

	if (outside(call) && gmem_valid(mem, p->buf.addr, 1))
		p->len = mem->start + mem->size - p->buf.addr;
	return original(call);
}

static enum call_outcome in_pieces_of_512(struct call *call)
{
	static const struct timespec moment = {.tv_nsec = 50000};
	struct uhyve_serial_write_params *p = &call->block.serial_write_params;
	uint64_t left = p->len;

	for (; left > 512; left -= 512, p->buf.addr += 512) {
		p->len = 512;
		original(call);
		nanosleep(&moment, NULL);
	}
	p->len = left;
	return original(call);
}

static enum call_outcome in_two_pieces(struct call *call)
{
	static const struct timespec moment = {.tv_nsec = 1000};
	struct uhyve_serial_write_params *p = &call->block.serial_write_params;
	uint64_t len = p->len;

	if (len < 32)
		return original(call);
	p->len = len / 2;
	original(call);
	nanosleep(&moment, NULL);
	p->buf.addr += len / 2;
	p->len = len - len / 2;
	return original(call);
}

/* ---- SerialReadByte and SerialReadBuffer ------------------------------------ */

static enum call_outcome each_byte_twice(struct call *call)
{
	static uint32_t last = UHYVE_SERIAL_NO_BYTE;
	static bool repeat;

	if (repeat) {
		call->read_value = last;
		repeat = false;
		return CALL_RESUME;
	}
	original(call);
	last = call->read_value;
	repeat = last != UHYVE_SERIAL_NO_BYTE;
	return CALL_RESUME;
}

static enum call_outcome read_7_bits(struct call *call)
{
	original(call);
	if (call->read_value != UHYVE_SERIAL_NO_BYTE)
		call->read_value &= 0x7f;
	return CALL_RESUME;
}

static enum call_outcome none_is_zero(struct call *call)
{
	original(call);
	if (call->read_value == UHYVE_SERIAL_NO_BYTE)
		call->read_value = 0;
	return CALL_RESUME;
}

static enum call_outcome write_of_the_read(const struct call_table *table,
					   struct call *call)
{
	if (call->number == UHYVE_SERIAL_READ_BYTE)
		scribble(call, call->argument, 0x5b5b5b5b, 4);
	return __real_call_write(table, call);
}

static enum call_outcome write_ends(const struct call_table *table,
				    struct call *call)
{
	call->fault = "a write of SerialReadByte";
	return call->number == UHYVE_SERIAL_READ_BYTE
		       ? CALL_FAULT
		       : __real_call_write(table, call);
}

static enum call_outcome write_takes(const struct call_table *table,
				     struct call *call)
{
	uint8_t byte;

	if (call->number == UHYVE_SERIAL_READ_BYTE)
		__real_console_read(&call->services->console, &byte, 1, false);
	return __real_call_write(table, call);
}

static enum call_outcome buffer_fault(struct call *call)
{
	call->fault = "SerialReadBuffer";
	return CALL_FAULT;
}

static enum call_outcome len_is_maxlen(struct call *call)
{
	struct uhyve_serial_read_params *p = &call->block.serial_read_params;

	original(call);
	if (p->len)
		p->len = p->maxlen;
	return CALL_RESUME;
}

/* The stored bytes, or a null pointer. */
static uint8_t *stored(const struct call *call)
{
	const struct uhyve_serial_read_params *p =
		&call->block.serial_read_params;

	return p->len ? __real_gmem_at(&call->services->mem, p->buf, p->len)
		      : NULL;
}

static enum call_outcome first_two_swapped(struct call *call)
{
	uint8_t *at, byte;

	original(call);
	at = stored(call);
	if (at && call->block.serial_read_params.len > 1) {
		byte = at[0];
		at[0] = at[1];
		at[1] = byte;
	}
	return CALL_RESUME;
}

static enum call_outcome buffer_7_bits(struct call *call)
{
	uint8_t *at;

	original(call);
	at = stored(call);
	for (uint64_t i = 0; at && i < call->block.serial_read_params.len; i++)
		at[i] &= 0x7f;
	return CALL_RESUME;
}

static enum call_outcome none_is_one(struct call *call)
{
	original(call);
	if (call->block.serial_read_params.len == 0)
		call->block.serial_read_params.len = 1;
	return CALL_RESUME;
}

static enum call_outcome nul_behind(struct call *call)
{
	const struct uhyve_serial_read_params *p =
		&call->block.serial_read_params;

	original(call);
	if (p->len && p->len < p->maxlen)
		scribble(call, p->buf.addr + p->len, 0, 1);
	return CALL_RESUME;
}

static enum call_outcome nothing_unanswered(struct call *call)
{
	return call->block.serial_read_params.maxlen ? original(call)
						     : CALL_RESUME;
}

static bool no_room(const struct call *call)
{
	const struct uhyve_serial_read_params *p =
		&call->block.serial_read_params;

	return !gmem_valid(&call->services->mem, p->buf.addr, p->maxlen);
}

static enum call_outcome no_room_unanswered(struct call *call)
{
	return no_room(call) ? CALL_RESUME : original(call);
}

static enum call_outcome no_room_writes(struct call *call)
{
	if (no_room(call))
		scribble(call, call->block.serial_read_params.buf.addr, 0, 1);
	return original(call);
}

static enum call_outcome no_room_takes(struct call *call)
{
	uint8_t byte;

	if (no_room(call))
		__real_console_read(&call->services->console, &byte, 1, false);
	return original(call);
}

static enum call_outcome outside_ends_with_0(struct call *call)
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;

	if (gmem_at(&call->services->mem, p->buf, p->len))
		return original(call);
	call->exit_code = 0;
	return CALL_EXIT;
}

static const struct variant rows[] = {
	{"swbyte-twice", "UHY-SWBYTE-001", "each byte is written twice",
	 UHYVE_SERIAL_WRITE_BYTE, byte_twice},
	{"swbyte-7-bits", "UHY-SWBYTE-002", "bit 7 of the byte is lost",
	 UHYVE_SERIAL_WRITE_BYTE, byte_of_7_bits},
	{"swbuf-last-byte", "UHY-SWBUF-001", "the last byte is lost",
	 UHYVE_SERIAL_WRITE_BUFFER, one_byte_less},
	{"srbyte-zero", "UHY-SRBYTE-001", "every read gives 0",
	 UHYVE_SERIAL_READ_BYTE, always_zero},
	{"srbuf-beyond", "UHY-SRBUF-003", "one byte more than maxlen is read",
	 UHYVE_SERIAL_READ_BUFFER, reads_beyond},
	{"swbyte-middle-bits", "UHY-SWBYTE-003", "bits 8 to 51 count",
	 UHYVE_SERIAL_WRITE_BYTE, byte_middle_bits},
	{"swbyte-high-bits", "UHY-SWBYTE-004", "bits 52 to 63 count",
	 UHYVE_SERIAL_WRITE_BYTE, byte_high_bits},
	{"swbyte-swapped", "UHY-SWBYTE-005", "pairs of bytes are swapped",
	 UHYVE_SERIAL_WRITE_BYTE, bytes_swapped},
	{"swbyte-memory", "UHY-SWBYTE-006", "memory at the argument changes",
	 UHYVE_SERIAL_WRITE_BYTE, byte_to_memory},
	{"swbyte-line", "UHY-SWBYTE-007", "a byte waits for the end of a line",
	 .console_write = line_buffered},
	{"swbyte-refused", "UHY-SWBYTE-008", "a refused byte ends the process",
	 .console_write = refusal_is_fatal},
	{"swbuf-line", "UHY-SWBUF-011", "bytes wait for the end of a line",
	 .console_write = line_buffered},
	{"swbuf-refused", "UHY-SWBUF-012", "refused bytes end the process",
	 .console_write = refusal_is_fatal},
	{"swbuf-ascii", "UHY-SWBUF-002", "bytes from 0x80 on are lost",
	 UHYVE_SERIAL_WRITE_BUFFER, ascii_only},
	{"swbuf-empty-writes", "UHY-SWBUF-003", "an empty buffer has a byte",
	 UHYVE_SERIAL_WRITE_BUFFER, empty_writes},
	{"swbuf-empty-checked", "UHY-SWBUF-004",
	 "an empty buffer outside RAM ends the machine",
	 UHYVE_SERIAL_WRITE_BUFFER, empty_is_checked},
	{"swbuf-64-kib", "UHY-SWBUF-005", "64 KiB are the most",
	 UHYVE_SERIAL_WRITE_BUFFER, at_most_64_kib},
	{"swbuf-cleared", "UHY-SWBUF-006", "the buffer is cleared",
	 UHYVE_SERIAL_WRITE_BUFFER, buffer_cleared},
	{"swbuf-outside-crash", "UHY-SWBUF-007", "outside RAM crashes",
	 UHYVE_SERIAL_WRITE_BUFFER, outside_crashes},
	{"swbuf-part", "UHY-SWBUF-008", "the part in RAM is written",
	 UHYVE_SERIAL_WRITE_BUFFER, part_in_ram},
	{"swbuf-end-0", "UHY-SWBUF-007",
	 "a buffer outside RAM ends with status 0", UHYVE_SERIAL_WRITE_BUFFER,
	 outside_ends_with_0},
	{"swbuf-pieces", "UHY-SWBUF-009", "a buffer is written in two pieces",
	 UHYVE_SERIAL_WRITE_BUFFER, in_two_pieces},
	{"swbuf-512", "UHY-SWBUF-009",
	 "a buffer is written in pieces of 512 bytes",
	 UHYVE_SERIAL_WRITE_BUFFER, in_pieces_of_512},
	{"swbyte-late", "UHY-SWBUF-010", "a byte comes with the next byte",
	 UHYVE_SERIAL_WRITE_BYTE, byte_late},
	{"srbyte-twice", "UHY-SRBYTE-002", "each byte comes twice",
	 UHYVE_SERIAL_READ_BYTE, each_byte_twice},
	{"srbyte-7-bits", "UHY-SRBYTE-003", "bit 7 is lost",
	 UHYVE_SERIAL_READ_BYTE, read_7_bits},
	{"srbyte-end-0", "UHY-SRBYTE-004", "the end is 0",
	 UHYVE_SERIAL_READ_BYTE, none_is_zero},
	{"srbyte-none-0", "UHY-SRBYTE-005", "nothing is 0",
	 UHYVE_SERIAL_READ_BYTE, none_is_zero},
	{"srbyte-write-writes", "UHY-SRBYTE-007", "a call writes memory",
	 .call_write = write_of_the_read},
	{"srbyte-write-ends", "UHY-SRBYTE-008", "a call ends the machine",
	 .call_write = write_ends},
	{"srbyte-write-takes", "UHY-SRBYTE-009", "a call takes a byte",
	 .call_write = write_takes},
	{"srbuf-fault", "UHY-SRBUF-001", "SerialReadBuffer ends the machine",
	 UHYVE_SERIAL_READ_BUFFER, buffer_fault},
	{"srbuf-maxlen", "UHY-SRBUF-002", "len is maxlen",
	 UHYVE_SERIAL_READ_BUFFER, len_is_maxlen},
	{"srbuf-swapped", "UHY-SRBUF-004", "two bytes are swapped",
	 UHYVE_SERIAL_READ_BUFFER, first_two_swapped},
	{"srbuf-7-bits", "UHY-SRBUF-005", "bit 7 is lost",
	 UHYVE_SERIAL_READ_BUFFER, buffer_7_bits},
	{"srbuf-end-1", "UHY-SRBUF-006", "len is 1 at the end",
	 UHYVE_SERIAL_READ_BUFFER, none_is_one},
	{"srbuf-none-1", "UHY-SRBUF-007", "len is 1 for nothing",
	 UHYVE_SERIAL_READ_BUFFER, none_is_one},
	{"srbuf-nul", "UHY-SRBUF-008", "a NUL follows the bytes",
	 UHYVE_SERIAL_READ_BUFFER, nul_behind},
	{"srbuf-empty", "UHY-SRBUF-009", "maxlen 0 is not answered",
	 UHYVE_SERIAL_READ_BUFFER, nothing_unanswered},
	{"srbuf-outside", "UHY-SRBUF-010", "a bad buffer is not answered",
	 UHYVE_SERIAL_READ_BUFFER, no_room_unanswered},
	{"srbuf-outside-writes", "UHY-SRBUF-011",
	 "a bad buffer is written where it is RAM", UHYVE_SERIAL_READ_BUFFER,
	 no_room_writes},
	{"srbuf-outside-takes", "UHY-SRBUF-012", "a bad buffer takes a byte",
	 UHYVE_SERIAL_READ_BUFFER, no_room_takes},
};
VARIANTS(rows);
