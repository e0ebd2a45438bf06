/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How a guest describes itself: GUEST(...) holds its manifest as the inside of a
 * TOML inline table, for example
 *
 *	GUEST(
 *		summary = "O_EXCL refuses an existing file",
 *		files = { "data/f" = "0123456789" }
 *	)
 *
 * It becomes text in the section .uhyve.manifest; the keys are documented in
 * guests/README.md. The same macro adds the three ELF notes of an image.
 */
#ifndef GUEST_MANIFEST_H
#define GUEST_MANIFEST_H

#include <stdint.h>

#include "notes.h"

/*
 * The version in the interface note: the lowest that has the calls of the guest. One
 * of version 1 defines it before it includes test.h. For a run that needs a later
 * version, as its manifest says, the harness writes that into the note.
 */
#ifndef GUEST_INTERFACE
#define GUEST_INTERFACE 2
#endif

#define GUEST(...)                                                             \
	__attribute__((used, section(".uhyve.manifest")))                      \
	const char guest_manifest[] = #__VA_ARGS__;                            \
	const uint32_t guest_interface = GUEST_INTERFACE;                      \
	UHYVE_NOTES(GUEST_INTERFACE)

/* The version that the image names: 1 reports through calls of version 1. */
extern const uint32_t guest_interface;

#endif
