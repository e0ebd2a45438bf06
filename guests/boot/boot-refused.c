/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

/*
 * A guest that starts at an entry point in no segment crashes, and a crash has a status and a
 * message as a refusal has. So one entry point is where Uhyve lays out the kernel's arguments,
 * which are a guest for x86-64 in letters: 64 times POP, then Exit(0) by OUTSD.
 */
GUEST(
	summary = "files that are not images",
	status = { nonzero = true, id = "UHY-BOOT-160" },
	variants = {
		"not-elf" = { image = ["not-elf"],
			refused = { id = "UHY-BOOT-010" } },
		"no-magic" = { image = ["magic=0x7e"],
			refused = { id = "UHY-BOOT-010" } },
		"empty" = { image = ["empty"],
			refused = { id = "UHY-BOOT-010" } },
		"class-32" = { image = ["class=1"],
			refused = { id = "UHY-BOOT-011" } },
		"big-endian" = { image = ["data=2"],
			refused = { id = "UHY-BOOT-012" } },
		"other-machine" = { image = ["machine=40"],
			refused = { id = "UHY-BOOT-013" } },
		"object-file" = { image = ["type=1"],
			refused = { id = "UHY-BOOT-014" } },
		"truncated" = { image = ["truncated=4200"],
			refused = { id = "UHY-BOOT-015" } },
		"no-program-headers" = { image = ["phoff=0x7ffffff8"],
			refused = { id = "UHY-BOOT-016" } },
		"no-notes" = { image = ["no-notes"],
			refused = { id = "UHY-BOOT-017" } },
		"no-entry-note" = { image = ["no-entry-note"],
			refused = { id = "UHY-BOOT-018" } },
		"entry-version-3" = { image = ["entry-version=3"], refused = { id = "UHY-BOOT-161" } },
		"entry-version-5" = { image = ["entry-version=5"], refused = { id = "UHY-BOOT-161" } },
		"segments-overlap" = { image = ["segments-overlap"], refused = { id = "UHY-BOOT-162" } },
		"last-overlaps" = { image = ["segment-bss=16:8"], refused = { id = "UHY-BOOT-162" } },
		"relocation-other" = { image = ["relocation-type=5"], refused = { id = "UHY-BOOT-023" } },
		"relocation-unknown" = { image = ["relocation-type=0x7fff"], refused = { id = "UHY-BOOT-023" } },
		"relocations-rel" = { image = ["dynamic=18:16"], refused = { id = "UHY-BOOT-024" } },
		"relocations-relr" = { image = ["dynamic=35:8"], refused = { id = "UHY-BOOT-024" } },
		"relocations-plt" = { image = ["dynamic=2:24"], refused = { id = "UHY-BOOT-024" } },
		"too-large" = { image = ["segment-memsz=0x10000000"],
			refused = { id = "UHY-BOOT-019" } },
		"entry-outside" = { image = ["entry=0x3000000"],
			refused = { id = "UHY-BOOT-020" } },
		"entry-huge" = { image = ["entry=0xfffffffffffff000"],
			refused = { id = "UHY-BOOT-020" } },
		"entry-in-arguments" = { image = ["entry=0xfffffffffffc1196"], kernel_args = ["XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXj@X4@P_fhPPfXf5@@PZT^o"],
			refused = { id = "UHY-BOOT-020" } },
		"more-bytes-in-the-file" = { image = ["segment-memsz=16"],
			refused = { id = "UHY-BOOT-021" } },
		"more-than-the-window" = { memory = 63488,
			refused = { id = "UHY-BOOT-030" } },
		"segment-behind-the-file" = { image = ["segment-offset=0xfffffffffffff000"], refused = { id = "UHY-BOOT-015" } },
		"segment-wraps" = { image = ["segment-memsz=0xffffffffffffff00"], refused = { id = "UHY-BOOT-019" } },
		"exec-at-0" = { image = ["type=2"],
			refused = { id = "UHY-BOOT-022" } }
	}
)

void guest_main(void)
{
	/* This is not reached. */
	say("%x", guest_response());
}
