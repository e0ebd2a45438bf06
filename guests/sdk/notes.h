/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The three ELF notes of an image. UHYVE_NOTES(3) stands once in one C or C++
 * file; name the lowest interface version whose calls the guest makes. The
 * linker script collects them into the first PT_NOTE segment.
 */
#ifndef UHYVE_SDK_NOTES_H
#define UHYVE_SDK_NOTES_H

#include <uhyve_interface/boot.h>

/* One note whose name fits into 8 bytes, and the one of the ABI. */
struct uhyve_note {
	uint32_t namesz, descsz, type;
	char name[8];
	uint8_t desc[4];
};
struct uhyve_abi_note {
	uint32_t namesz, descsz, type;
	char name[4];
	uint32_t desc[4];
};

#define UHYVE_IN_NOTES __attribute__((used, aligned(4), section(".note.uhyve")))

/* The version is big-endian, whatever the architecture. */
#define UHYVE_NOTES(version)                                                   \
	static const struct uhyve_note uhyve_note_entry UHYVE_IN_NOTES = {     \
		sizeof(UHYVE_NOTE_ENTRY_NAME),                                 \
		1,                                                             \
		UHYVE_NOTE_ENTRY_TYPE,                                         \
		UHYVE_NOTE_ENTRY_NAME,                                         \
		{UHYVE_NOTE_ENTRY_VERSION, 0, 0, 0}};                          \
	static const struct uhyve_note uhyve_note_interface UHYVE_IN_NOTES = { \
		sizeof(UHYVE_NOTE_INTERFACE_NAME),                             \
		4,                                                             \
		UHYVE_NOTE_INTERFACE_TYPE,                                     \
		UHYVE_NOTE_INTERFACE_NAME,                                     \
		{0, 0, 0, version}};                                           \
	static const struct uhyve_abi_note uhyve_note_abi UHYVE_IN_NOTES = {   \
		sizeof(UHYVE_NOTE_ABI_NAME),                                   \
		16,                                                            \
		UHYVE_NOTE_ABI_TYPE,                                           \
		UHYVE_NOTE_ABI_NAME,                                           \
		{UHYVE_NOTE_ABI_OS_HERMIT, 0, 13, 0}};

#endif
