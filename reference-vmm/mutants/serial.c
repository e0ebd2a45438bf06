/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The serial calls. */
#include <stdlib.h>
#include <unistd.h>

#include "meet.h"
#include "mutant.h"

HANDLER(UHYVE_SERIAL_WRITE_BYTE, "swbyte-7-bits", "UHY-SWBYTE-002",
	"bit 7 of the byte is lost")
{
	call->argument &= 0x7f;
	return original(call);
}

HANDLER(UHYVE_SERIAL_WRITE_BYTE, "swbyte-twice", "UHY-SWBYTE-001",
	"each byte is written twice")
{
	original(call);
	return original(call);
}

HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "swbuf-last-byte", "UHY-SWBUF-001",
	"the last byte is lost")
{
	if (call->block.serial_write_params.len > 1)
		call->block.serial_write_params.len--;
	return original(call);
}

HANDLER(UHYVE_SERIAL_READ_BUFFER, "srbuf-beyond", "UHY-SRBUF-003",
	"one byte more than maxlen is read")
{
	call->block.serial_read_params.maxlen++;
	return original(call);
}

AFTER(UHYVE_SERIAL_READ_BYTE, "srbyte-zero", "UHY-SRBYTE-001",
      "every read gives 0")
{
	call->read_value = 0;
}

/* ---- SerialWriteByte and SerialWriteBuffer --------------------------------- */

HANDLER(UHYVE_SERIAL_WRITE_BYTE, "swbyte-middle-bits", "UHY-SWBYTE-003",
	"bits 8 to 51 count")
{
	return call->argument >> 8 & 0xfffffffffff ? CALL_RESUME
						   : original(call);
}

HANDLER(UHYVE_SERIAL_WRITE_BYTE, "swbyte-high-bits", "UHY-SWBYTE-004",
	"bits 52 to 63 count")
{
	return call->argument >> 52 ? CALL_FAULT : original(call);
}

/* Two bytes at a time, the second first. */
HANDLER(UHYVE_SERIAL_WRITE_BYTE, "swbyte-swapped", "UHY-SWBYTE-005",
	"pairs of bytes are swapped")
{
	static uint8_t held;
	uint8_t pair[2] = {(uint8_t)call->argument, held};

	held = pair[0];
	if (times() % 2 == 0)
		console_write(&call->services->console, pair, 2);
	return CALL_RESUME;
}

/* Each byte comes with the next one. */
HANDLER(UHYVE_SERIAL_WRITE_BYTE, "swbyte-late", "UHY-SWBUF-010",
	"a byte comes with the next byte")
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

REPLACES(console_write, line_buffered)
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

REPLACES(console_write, refusal_is_fatal)
{
	if (len > 0 && write(console->out, bytes, len) < 0)
		abort();
}

HANDLER(UHYVE_SERIAL_WRITE_BYTE, "swbyte-memory", "UHY-SWBYTE-006",
	"memory at the argument changes")
{
	scribble(call, call->argument, 0, 1);
	return original(call);
}

/* Only ASCII, as if the console were text. */
HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "swbuf-ascii", "UHY-SWBUF-002",
	"bytes from 0x80 on are lost")
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;
	const uint8_t *from = gmem_at(&call->services->mem, p->buf, p->len);

	for (uint64_t i = 0; from && i < p->len; i++)
		if (from[i] < 0x80)
			console_write(&call->services->console, from + i, 1);
	return CALL_RESUME;
}

HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "swbuf-empty-writes", "UHY-SWBUF-003",
	"an empty buffer has a byte")
{
	if (call->block.serial_write_params.len == 0)
		call->block.serial_write_params.len = 1;
	return original(call);
}

HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "swbuf-empty-checked", "UHY-SWBUF-004",
	"an empty buffer outside RAM ends the machine")
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;

	call->fault = "an empty buffer outside RAM";
	if (p->len == 0 && !gmem_valid(&call->services->mem, p->buf.addr, 1))
		return CALL_FAULT;
	return original(call);
}

HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "swbuf-64-kib", "UHY-SWBUF-005",
	"64 KiB are the most")
{
	if (call->block.serial_write_params.len > 0x10000)
		call->block.serial_write_params.len = 0x10000;
	return original(call);
}

AFTER(UHYVE_SERIAL_WRITE_BUFFER, "swbuf-cleared", "UHY-SWBUF-006",
      "the buffer is cleared")
{
	scribble(call, call->block.serial_write_params.buf.addr, 0, 1);
}

static bool outside(const struct call *call)
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;

	return !gmem_valid(&call->services->mem, p->buf.addr, p->len);
}

HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "swbuf-outside-crash", "UHY-SWBUF-007",
	"outside RAM crashes")
{
	if (outside(call))
		abort();
	return original(call);
}

HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "swbuf-part", "UHY-SWBUF-008",
	"the part in RAM is written")
{
	struct uhyve_serial_write_params *p = &call->block.serial_write_params;
	const struct gmem *mem = &call->services->mem;

	if (outside(call) && gmem_valid(mem, p->buf.addr, 1))
		p->len = mem->start + mem->size - p->buf.addr;
	return original(call);
}

HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "swbuf-512", "UHY-SWBUF-009",
	"a buffer is written in pieces of 512 bytes")
{
	struct uhyve_serial_write_params *p = &call->block.serial_write_params;
	uint64_t left = p->len;

	for (; left > 512; left -= 512, p->buf.addr += 512) {
		p->len = 512;
		original(call);
		meet();
	}
	p->len = left;
	return original(call);
}

HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "swbuf-pieces", "UHY-SWBUF-009",
	"a buffer is written in two pieces")
{
	struct uhyve_serial_write_params *p = &call->block.serial_write_params;
	uint64_t len = p->len;

	if (len < 32)
		return original(call);
	p->len = len / 2;
	original(call);
	meet();
	p->buf.addr += len / 2;
	p->len = len - len / 2;
	return original(call);
}

/* ---- SerialReadByte and SerialReadBuffer ------------------------------------ */

HANDLER(UHYVE_SERIAL_READ_BYTE, "srbyte-twice", "UHY-SRBYTE-002",
	"each byte comes twice")
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

AFTER(UHYVE_SERIAL_READ_BYTE, "srbyte-7-bits", "UHY-SRBYTE-003",
      "bit 7 is lost")
{
	if (call->read_value != UHYVE_SERIAL_NO_BYTE)
		call->read_value &= 0x7f;
}

static enum call_outcome none_is_zero(struct call *call)
{
	original(call);
	if (call->read_value == UHYVE_SERIAL_NO_BYTE)
		call->read_value = 0;
	return CALL_RESUME;
}

AT(call_write, "srbyte-write-writes", "UHY-SRBYTE-007", "a call writes memory")
{
	if (call->number == UHYVE_SERIAL_READ_BYTE)
		scribble(call, call->argument, 0x5b5b5b5b, 4);
	return REAL(call_write);
}

AT(call_write, "srbyte-write-ends", "UHY-SRBYTE-008", "a call ends the machine")
{
	call->fault = "a write of SerialReadByte";
	return call->number == UHYVE_SERIAL_READ_BYTE ? CALL_FAULT
						      : REAL(call_write);
}

AT(call_write, "srbyte-write-takes", "UHY-SRBYTE-009", "a call takes a byte")
{
	uint8_t byte;

	if (call->number == UHYVE_SERIAL_READ_BYTE)
		__real_console_read(&call->services->console, &byte, 1, false);
	return REAL(call_write);
}

HANDLER(UHYVE_SERIAL_READ_BUFFER, "srbuf-fault", "UHY-SRBUF-001",
	"SerialReadBuffer ends the machine")
{
	call->fault = "SerialReadBuffer";
	return CALL_FAULT;
}

HANDLER(UHYVE_SERIAL_READ_BUFFER, "srbuf-maxlen", "UHY-SRBUF-002",
	"len is maxlen")
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

HANDLER(UHYVE_SERIAL_READ_BUFFER, "srbuf-swapped", "UHY-SRBUF-004",
	"two bytes are swapped")
{
	original(call);
	uint8_t *at = stored(call);
	if (at && call->block.serial_read_params.len > 1) {
		uint8_t byte = at[0];
		at[0] = at[1];
		at[1] = byte;
	}
	return CALL_RESUME;
}

HANDLER(UHYVE_SERIAL_READ_BUFFER, "srbuf-7-bits", "UHY-SRBUF-005",
	"bit 7 is lost")
{
	original(call);
	uint8_t *at = stored(call);
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

HANDLER(UHYVE_SERIAL_READ_BUFFER, "srbuf-nul", "UHY-SRBUF-008",
	"a NUL follows the bytes")
{
	const struct uhyve_serial_read_params *p =
		&call->block.serial_read_params;

	original(call);
	if (p->len && p->len < p->maxlen)
		scribble(call, p->buf.addr + p->len, 0, 1);
	return CALL_RESUME;
}

HANDLER(UHYVE_SERIAL_READ_BUFFER, "srbuf-empty", "UHY-SRBUF-009",
	"maxlen 0 is not answered")
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

HANDLER(UHYVE_SERIAL_READ_BUFFER, "srbuf-outside", "UHY-SRBUF-010",
	"a bad buffer is not answered")
{
	return no_room(call) ? CALL_RESUME : original(call);
}

HANDLER(UHYVE_SERIAL_READ_BUFFER, "srbuf-outside-writes", "UHY-SRBUF-011",
	"a bad buffer is written where it is RAM")
{
	if (no_room(call))
		scribble(call, call->block.serial_read_params.buf.addr, 0, 1);
	return original(call);
}

HANDLER(UHYVE_SERIAL_READ_BUFFER, "srbuf-outside-takes", "UHY-SRBUF-012",
	"a bad buffer takes a byte")
{
	uint8_t byte;

	if (no_room(call))
		__real_console_read(&call->services->console, &byte, 1, false);
	return original(call);
}

HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "swbuf-end-0", "UHY-SWBUF-007",
	"a buffer outside RAM ends with status 0")
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;

	if (gmem_at(&call->services->mem, p->buf, p->len))
		return original(call);
	call->exit_code = 0;
	return CALL_EXIT;
}

MUTANT("swbyte-line", "UHY-SWBYTE-007", "a byte waits for the end of a line",
       .console_write = line_buffered);
MUTANT("swbyte-refused", "UHY-SWBYTE-008", "a refused byte ends the process",
       .console_write = refusal_is_fatal);
MUTANT("swbuf-line", "UHY-SWBUF-011", "bytes wait for the end of a line",
       .console_write = line_buffered);
MUTANT("swbuf-refused", "UHY-SWBUF-012", "refused bytes end the process",
       .console_write = refusal_is_fatal);
MUTANT("srbyte-end-0", "UHY-SRBYTE-004", "the end is 0",
       .number = UHYVE_SERIAL_READ_BYTE, .perform = none_is_zero);
MUTANT("srbyte-none-0", "UHY-SRBYTE-005", "nothing is 0",
       .number = UHYVE_SERIAL_READ_BYTE, .perform = none_is_zero);
MUTANT("srbuf-end-1", "UHY-SRBUF-006", "len is 1 at the end",
       .number = UHYVE_SERIAL_READ_BUFFER, .perform = none_is_one);
MUTANT("srbuf-none-1", "UHY-SRBUF-007", "len is 1 for nothing",
       .number = UHYVE_SERIAL_READ_BUFFER, .perform = none_is_one);
