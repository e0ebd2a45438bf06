/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "v1.h"

GUEST(
	summary = "arguments and environment of version 1",
	needs = ["interface-1"],
	variants = {
		"count" = {},
		"sizes" = {},
		"values" = {},
		"application" = { args = ["third"] },
		"131" = { kernel_args = [
			"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15",
			"16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31",
			"32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47",
			"48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63",
			"64", "65", "66", "67", "68", "69", "70", "71", "72", "73", "74", "75", "76", "77", "78", "79",
			"80", "81", "82", "83", "84", "85", "86", "87", "88", "89", "90", "91", "92", "93", "94", "95",
			"96", "97", "98", "99", "100", "101", "102", "103", "104", "105", "106", "107", "108", "109", "110", "111",
			"112", "113", "114", "115", "116", "117", "118", "119", "120", "121", "122", "123", "124", "125", "126", "127",
			"128", "129", "130"] },
		"environment" = { env = { "NAME" = "value" } }
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

static bool found;

static const char *at(struct uhyve_gpa gpa)
{
	return (const char *)(uintptr_t)gpa.addr;
}

void guest_main(void)
{
	v1_call_block(UHYVE_V1_CMDSIZE, &size);
	TEST_IN(VARIANT(0), "UHY-V1-013", "the path and two arguments")
	{
		expect_eq(size.argc, 3);
	}
	TEST_IN(VARIANT(1), "UHY-V1-014", "lengths with their NULs")
	{
		expect_between(size.argsz[0], 2, 4096);
		expect_eq(size.argsz[1], 6);
		expect_eq(size.argsz[2], 7);
	}
	TEST_IN(VARIANT(2), "UHY-V1-015", "path, first, second")
	{
		fetch();
		expect_eq(strlen(at(argv[0])) + 1, (size_t)size.argsz[0]);
		expect_bytes(at(argv[1]), "first", 6);
		expect_bytes(at(argv[2]), "second", 7);
	}
	TEST_IN(VARIANT(3), "UHY-V1-013", "those of the application, too")
	{
		/* A word `--` in between may be one, too. */
		expect_between(size.argc, 4, 5);
	}
	TEST_IN(VARIANT(4), "UHY-V1-021", "of 131 arguments at most 128")
	{
		expect_between(size.argc, 1, UHYVE_V1_MAX_ARGS);
	}
	TEST_IN(VARIANT(5), "UHY-V1-016", "sizes fit the strings")
	{
		fetch();
		expect_between(size.envc, 1, UHYVE_V1_MAX_ARGS);
		for (int32_t i = 0; i < size.envc && i < 128; i++) {
			expect_eq(strlen(at(envp[i])) + 1,
				  (size_t)size.envsz[i]);
			found |= !memcmp(at(envp[i]), "NAME=value", 11);
		}
	}
	TEST_IN(VARIANT(5), "UHY-V1-023", "NAME=value is among them")
	{
		expect(found);
	}
}
