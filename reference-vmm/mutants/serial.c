/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The serial calls. */
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

static const struct mutant rows[] = {
	{"swbyte-twice", "UHY-SWBYTE-001", "each byte is written twice",
	 UHYVE_SERIAL_WRITE_BYTE, byte_twice},
	{"swbyte-7-bits", "UHY-SWBYTE-002", "bit 7 of the byte is lost",
	 UHYVE_SERIAL_WRITE_BYTE, byte_of_7_bits},
	{"swbuf-last-byte", "UHY-SWBUF-001", "the last byte is lost",
	 UHYVE_SERIAL_WRITE_BUFFER, one_byte_less},
	{"srbyte-zero", "UHY-SRBYTE-001", "every read gives 0",
	 UHYVE_SERIAL_READ_BYTE, always_zero},
	{"srbuf-beyond", "UHY-SRBUF-001", "one byte more than maxlen is read",
	 UHYVE_SERIAL_READ_BUFFER, reads_beyond},
};
MUTANTS(rows);
