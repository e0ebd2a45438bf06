/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "v1.h"

GUEST(
	summary = "arguments and environment of version 1",
	requirements = ["UHY-V1-013"],
	needs = ["interface-1"],
	variants = {
		"count" = {},
		"sizes" = { requirements = ["UHY-V1-014"] },
		"values" = { requirements = ["UHY-V1-015"] },
		"application" = { args = ["third"] },
		"environment" = { requirements = ["UHY-V1-016"], env = { "NAME" = "value" } }
	},
	kernel_args = ["first", "second"]
)

static struct uhyve_v1_cmdsize_params size;
static char strings[UHYVE_V1_MAX_ARGS][64];
static struct uhyve_gpa argv[UHYVE_V1_MAX_ARGS], envp[UHYVE_V1_MAX_ARGS];

static void fetch(void)
{
	static struct uhyve_v1_cmdval_params block;
	static char path[1024], environment[UHYVE_V1_MAX_ARGS][256];
	argv[0] = uhyve_gpa_of(path);
	for (unsigned i = 0; i < UHYVE_V1_MAX_ARGS; i++) {
		if (i)
			argv[i] = uhyve_gpa_of(strings[i]);
		envp[i] = uhyve_gpa_of(environment[i]);
	}
	block = (struct uhyve_v1_cmdval_params){uhyve_gpa_of(argv),
						uhyve_gpa_of(envp)};
	v1_call_block(UHYVE_V1_CMDVAL, &block);
}

static const char *at(struct uhyve_gpa gpa)
{
	return (const char *)(uintptr_t)gpa.addr;
}

void guest_main(void)
{
	plan(1);
	v1_call_block(UHYVE_V1_CMDSIZE, &size);
	if (guest_variant() == 0)
		TEST("UHY-V1-013", "the path and two arguments") {
			expect_eq(size.argc, 3);
		}
	if (guest_variant() == 1)
		TEST("UHY-V1-014", "lengths with their NULs") {
			expect_between(size.argsz[0], 2, 4096);
			expect_eq(size.argsz[1], 6);
			expect_eq(size.argsz[2], 7);
		}
	if (guest_variant() == 2)
		TEST("UHY-V1-015", "path, first, second") {
			fetch();
			expect_eq(strlen(at(argv[0])) + 1,
				  (size_t)size.argsz[0]);
			expect_bytes(at(argv[1]), "first", 6);
			expect_bytes(at(argv[2]), "second", 7);
		}
	if (guest_variant() == 3)
		TEST("UHY-V1-013", "those of the application, too") {
			/* The adapter may need a word in between. */
			expect_between(size.argc, 4, 5);
		}
	if (guest_variant() == 4)
		TEST("UHY-V1-016", "sizes fit the strings") {
			bool found = false;
			fetch();
			expect_between(size.envc, 1, UHYVE_V1_MAX_ARGS);
			for (int32_t i = 0; i < size.envc && i < 128; i++) {
				expect_eq(strlen(at(envp[i])) + 1,
					  (size_t)size.envsz[i]);
				found |= !memcmp(at(envp[i]), "NAME=value", 11);
			}
			expect_true(found, "NAME=value is among them");
		}
}
