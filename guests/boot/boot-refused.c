/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "files that are not images",
	requirements = ["UHY-BOOT-010", "UHY-BOOT-160"],
	status = { nonzero = true, id = "UHY-BOOT-160" },
	variants = {
		"not-elf" = { requirements = ["UHY-BOOT-010", "UHY-BOOT-160"], image = ["not-elf"],
			refused = { id = "UHY-BOOT-010" } },
		"empty" = { requirements = ["UHY-BOOT-010", "UHY-BOOT-160"], image = ["empty"],
			refused = { id = "UHY-BOOT-010" } },
		"class-32" = { requirements = ["UHY-BOOT-011", "UHY-BOOT-160"], image = ["class=1"],
			refused = { id = "UHY-BOOT-011" } },
		"big-endian" = { requirements = ["UHY-BOOT-012", "UHY-BOOT-160"], image = ["data=2"],
			refused = { id = "UHY-BOOT-012" } },
		"other-machine" = { requirements = ["UHY-BOOT-013", "UHY-BOOT-160"], image = ["machine=40"],
			refused = { id = "UHY-BOOT-013" } },
		"object-file" = { requirements = ["UHY-BOOT-014", "UHY-BOOT-160"], image = ["type=1"],
			refused = { id = "UHY-BOOT-014" } },
		"truncated" = { requirements = ["UHY-BOOT-015", "UHY-BOOT-160"], image = ["truncated=4200"],
			refused = { id = "UHY-BOOT-015" } },
		"no-program-headers" = { requirements = ["UHY-BOOT-016", "UHY-BOOT-160"], image = ["phoff=0x7ffffff8"],
			refused = { id = "UHY-BOOT-016" } },
		"no-notes" = { requirements = ["UHY-BOOT-017", "UHY-BOOT-160"], image = ["no-notes"],
			refused = { id = "UHY-BOOT-017" } },
		"no-entry-note" = { requirements = ["UHY-BOOT-018", "UHY-BOOT-160"], image = ["no-entry-note"],
			refused = { id = "UHY-BOOT-018" } },
		"entry-version-3" = { requirements = ["UHY-BOOT-161", "UHY-BOOT-160"],
			image = ["entry-version=3"], refused = { id = "UHY-BOOT-161" } },
		"entry-version-5" = { requirements = ["UHY-BOOT-161", "UHY-BOOT-160"],
			image = ["entry-version=5"], refused = { id = "UHY-BOOT-161" } },
		"segments-overlap" = { requirements = ["UHY-BOOT-162", "UHY-BOOT-160"],
			image = ["segments-overlap"], refused = { id = "UHY-BOOT-162" } },
		"relocation-other" = { requirements = ["UHY-BOOT-023", "UHY-BOOT-160"],
			image = ["relocation-type=5"], refused = { id = "UHY-BOOT-023" } },
		"relocation-unknown" = { requirements = ["UHY-BOOT-023", "UHY-BOOT-160"],
			image = ["relocation-type=0x7fff"], refused = { id = "UHY-BOOT-023" } },
		"relocations-rel" = { requirements = ["UHY-BOOT-024", "UHY-BOOT-160"],
			image = ["dynamic=18:16"], refused = { id = "UHY-BOOT-024" } },
		"relocations-relr" = { requirements = ["UHY-BOOT-024", "UHY-BOOT-160"],
			image = ["dynamic=35:8"], refused = { id = "UHY-BOOT-024" } },
		"relocations-plt" = { requirements = ["UHY-BOOT-024", "UHY-BOOT-160"],
			image = ["dynamic=2:24"], refused = { id = "UHY-BOOT-024" } },
		"too-large" = { requirements = ["UHY-BOOT-019", "UHY-BOOT-160"], image = ["segment-memsz=0x10000000"],
			refused = { id = "UHY-BOOT-019" } },
		"entry-outside" = { requirements = ["UHY-BOOT-020", "UHY-BOOT-160"], image = ["entry=0x3000000"],
			refused = { id = "UHY-BOOT-020" } },
		"entry-huge" = { requirements = ["UHY-BOOT-020", "UHY-BOOT-160"], image = ["entry=0xfffffffffffff000"],
			refused = { id = "UHY-BOOT-020" } },
		"more-bytes-in-the-file" = { requirements = ["UHY-BOOT-021", "UHY-BOOT-160"], image = ["segment-memsz=16"],
			refused = { id = "UHY-BOOT-021" } },
		"more-than-the-window" = { requirements = ["UHY-BOOT-030", "UHY-BOOT-160"], memory = 63488,
			refused = { id = "UHY-BOOT-030" } },
		"segment-behind-the-file" = { requirements = ["UHY-BOOT-015", "UHY-BOOT-160"],
			image = ["segment-offset=0xfffffffffffff000"], refused = { id = "UHY-BOOT-015" } },
		"segment-wraps" = { requirements = ["UHY-BOOT-019", "UHY-BOOT-160"],
			image = ["segment-memsz=0xffffffffffffff00"], refused = { id = "UHY-BOOT-019" } },
		"exec-at-0" = { requirements = ["UHY-BOOT-022", "UHY-BOOT-160"], image = ["type=2"],
			refused = { id = "UHY-BOOT-022" } }
	}
)

void guest_main(void)
{
	plan(1);
	TEST("UHY-BOOT-010", "this is not reached") {
		expect(false);
	}
}
