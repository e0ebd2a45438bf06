/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The canonical headers compile alone, together, twice, in C and in C++; this
 * file is compiled for each language, compiler, environment and architecture.
 */
#ifdef ONLY
#include ONLY
#include ONLY
#else
#include <uhyve_interface/guest.h>
#include <uhyve_interface/calls.h>
#include <uhyve_interface/boot.h>
#include <uhyve_interface/v1.h>
#include <uhyve_interface/v2.h>

/* calls.def without any macro is nothing. */
#include <uhyve_interface/calls.def>

/* Calls as a guest makes them, so that the inline functions are compiled too. */
extern int hello(void);
int hello(void)
{
	static const char text[] = "hello\n";
	struct uhyve_serial_write_params p = {sizeof(text) - 1,
					      uhyve_gpa_of(text)};

	uhyve_call_block(UHYVE_SERIAL_WRITE_BUFFER, &p);
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, uhyve_read(UHYVE_SERIAL_READ_BYTE));
	uhyve_exit(uhyve_number_name(UHYVE_EXIT) &&
		   uhyve_name_number("Exit") == UHYVE_EXIT &&
		   uhyve_number_since(UHYVE_MKDIR) == 3 && uhyve_call_at(0) &&
		   uhyve_field_at(0));
	return UHYVE_V1_MAX_ARGS + UHYVE_BOOT_FDT_MAX;
}
#endif
