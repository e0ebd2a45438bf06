/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Console input through the serial calls. What the host sends may arrive later than
 * the guest asks, so that both functions ask again for a while.
 */
#ifndef GUEST_INPUT_H
#define GUEST_INPUT_H

#include "test.h"

#define INPUT_PATIENCE 20000

static inline uint32_t input_byte(void)
{
	uint32_t value = UHYVE_SERIAL_NO_BYTE;
	for (int i = 0; i < INPUT_PATIENCE && value == UHYVE_SERIAL_NO_BYTE;
	     i++)
		value = uhyve_read(UHYVE_SERIAL_READ_BYTE);
	return value;
}

/* One SerialReadBuffer; len as the block has it afterwards. */
static inline uint64_t input_some(volatile void *buf, uint64_t maxlen)
{
	static struct uhyve_serial_read_params block;
	block = (struct uhyve_serial_read_params){maxlen, UINT64_MAX,
						  uhyve_gpa_of(buf)};
	call(UHYVE_SERIAL_READ_BUFFER, &block);
	return block.len;
}

/* Until count bytes are there, at most chunk in one call; how many there are. */
static inline uint64_t input_all(uint8_t *buf, uint64_t count, uint64_t chunk)
{
	uint64_t got = 0;
	for (int i = 0; i < INPUT_PATIENCE && got < count; i++) {
		uint64_t want = count - got < chunk ? count - got : chunk;
		uint64_t len = input_some(buf + got, want);
		if (len > want)
			break;
		got += len;
	}
	return got;
}

#endif
