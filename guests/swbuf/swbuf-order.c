/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "bytes, buffers and descriptor 1 keep their order",
	tap = false,
	stdout = { text = "{response}\na b c d e f g h i ", id = "UHY-SWBUF-010" }
)

void guest_main(void)
{
	say("%x", guest_response());
	for (char c = 'a'; c < 'j'; c++) {
		static char text[2];
		text[0] = c;
		text[1] = ' ';
		if (c % 3 == 0)
			console_write(text, 2);
		else if (c % 3 == 1)
			file_write(1, text, 2);
		else
			for (int i = 0; i < 2; i++)
				uhyve_call(UHYVE_SERIAL_WRITE_BYTE,
					   (uint8_t)text[i]);
	}
	uhyve_exit(0);
}
