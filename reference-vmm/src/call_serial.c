/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Exit and the serial calls. */
#include "call.h"
#include "services.h"

enum call_outcome call_Exit(struct call *call)
{
	/* UHY-EXIT-003 to -005: the low 32 bits. */
	call->exit_code = (int32_t)(uint32_t)call->argument;
	return CALL_EXIT;
}

/* UHY-SWBYTE-008: a sink that fails is not the guest's concern. */
enum call_outcome call_SerialWriteByte(struct call *call)
{
	const uint8_t byte = (uint8_t)call->argument; /* UHY-SWBYTE-002 */

	console_write(&call->services->console, &byte, 1);
	return CALL_RESUME;
}

/* UHY-SWBUF-007, -008: of a buffer outside RAM nothing is written. */
enum call_outcome call_SerialWriteBuffer(struct call *call)
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;
	const void *from = gmem_at(&call->services->mem, p->buf, p->len);

	if (from)
		console_write(&call->services->console, from, p->len);
	return CALL_RESUME;
}

/* UHY-SRBYTE-004, -005: this does not wait. */
enum call_outcome call_SerialReadByte(struct call *call)
{
	uint8_t byte;

	if (console_read(&call->services->console, &byte, 1, false) == 1)
		call->read_value = byte;
	else
		call->read_value = UHYVE_SERIAL_NO_BYTE;
	return CALL_RESUME;
}

/* UHY-SRBUF-006, -007, -010: 0 at the end, for now, and for a bad buffer. */
enum call_outcome call_SerialReadBuffer(struct call *call)
{
	struct uhyve_serial_read_params *p = &call->block.serial_read_params;
	void *to = gmem_at(&call->services->mem, p->buf, p->maxlen);
	ssize_t n = 0;

	if (to)
		n = console_read(&call->services->console, to, p->maxlen,
				 false);
	p->len = n > 0 ? (uint64_t)n : 0;
	return CALL_RESUME;
}
