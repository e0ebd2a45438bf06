/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The numbers in assembly: every header can be included, none declares. */
#include <uhyve_interface/boot.h>
#include <uhyve_interface/v1.h>
#include <uhyve_interface/v2.h>

	.data
	.globl numbers
numbers:
	.4byte UHYVE_EXIT, UHYVE_SHARED_MEM_CLOSE, UHYVE_MKDIR
	.4byte UHYVE_O_ALLOWED, UHYVE_S_IFMT, UHYVE_SERIAL_NO_BYTE
	.4byte UHYVE_V1_CMDVAL, UHYVE_NOTE_INTERFACE_TYPE, UHYVE_BOOT_INFO
	.8byte UHYVE_RAM_FIRST

	.section .note.GNU-stack, "", %progbits
