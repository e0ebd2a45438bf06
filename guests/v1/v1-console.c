/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "v1.h"

GUEST(
	summary = "console and Exit of version 1",
	needs = ["interface-1"],
	tap = false,
	variants = {
		"buffer" = { stdout = { text = "{response}\nbuffer", id = "UHY-V1-006" },
			status = { code = 42, id = "UHY-V1-004" } },
		"byte" = { stdout = { text = "{response}\nbyte\n", hex = "00ff80", id = "UHY-V1-005" } }
	}
)

void guest_main(void)
{
	say("%x", guest_response());
	if (guest_variant() == 0) {
		static struct uhyve_v1_serial_write_params block;
		block = (struct uhyve_v1_serial_write_params){
			uhyve_gpa_of("buffers"), 6};
		v1_call_block(UHYVE_V1_SERIAL_WRITE_BUFFER, &block);
		v1_exit(-214);
	}
	for (const char *c = "byte\n"; *c; c++)
		v1_call(UHYVE_V1_SERIAL_WRITE_BYTE, 0xabcd00u | (uint8_t)*c);
	v1_call(UHYVE_V1_SERIAL_WRITE_BYTE, 0);
	v1_call(UHYVE_V1_SERIAL_WRITE_BYTE, 0xff);
	v1_call(UHYVE_V1_SERIAL_WRITE_BYTE, 0x80);
	v1_exit(0);
}
