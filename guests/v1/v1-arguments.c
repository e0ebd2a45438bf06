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
		"environment" = { env = { "NAME" = "value" } },
		"131-variables" = { env = {
			"N0" = "", "N1" = "", "N2" = "", "N3" = "", "N4" = "", "N5" = "", "N6" = "", "N7" = "",
			"N8" = "", "N9" = "", "N10" = "", "N11" = "", "N12" = "", "N13" = "", "N14" = "", "N15" = "",
			"N16" = "", "N17" = "", "N18" = "", "N19" = "", "N20" = "", "N21" = "", "N22" = "", "N23" = "",
			"N24" = "", "N25" = "", "N26" = "", "N27" = "", "N28" = "", "N29" = "", "N30" = "", "N31" = "",
			"N32" = "", "N33" = "", "N34" = "", "N35" = "", "N36" = "", "N37" = "", "N38" = "", "N39" = "",
			"N40" = "", "N41" = "", "N42" = "", "N43" = "", "N44" = "", "N45" = "", "N46" = "", "N47" = "",
			"N48" = "", "N49" = "", "N50" = "", "N51" = "", "N52" = "", "N53" = "", "N54" = "", "N55" = "",
			"N56" = "", "N57" = "", "N58" = "", "N59" = "", "N60" = "", "N61" = "", "N62" = "", "N63" = "",
			"N64" = "", "N65" = "", "N66" = "", "N67" = "", "N68" = "", "N69" = "", "N70" = "", "N71" = "",
			"N72" = "", "N73" = "", "N74" = "", "N75" = "", "N76" = "", "N77" = "", "N78" = "", "N79" = "",
			"N80" = "", "N81" = "", "N82" = "", "N83" = "", "N84" = "", "N85" = "", "N86" = "", "N87" = "",
			"N88" = "", "N89" = "", "N90" = "", "N91" = "", "N92" = "", "N93" = "", "N94" = "", "N95" = "",
			"N96" = "", "N97" = "", "N98" = "", "N99" = "", "N100" = "", "N101" = "", "N102" = "", "N103" = "",
			"N104" = "", "N105" = "", "N106" = "", "N107" = "", "N108" = "", "N109" = "", "N110" = "", "N111" = "",
			"N112" = "", "N113" = "", "N114" = "", "N115" = "", "N116" = "", "N117" = "", "N118" = "", "N119" = "",
			"N120" = "", "N121" = "", "N122" = "", "N123" = "", "N124" = "", "N125" = "", "N126" = "", "N127" = "",
			"N128" = "", "N129" = "", "N130" = "" } }
	},
	kernel_args = ["first", "second"]
)

static struct uhyve_v1_cmdsize_params size;
static char strings[UHYVE_V1_MAX_ARGS][64];
static struct uhyve_gpa argv[UHYVE_V1_MAX_ARGS];
/* Three more than can be counted: no variable belongs there. */
static struct uhyve_gpa envp[UHYVE_V1_MAX_ARGS + 3];
static char beyond[64];
/* The second argument, right after it the first one, as long as Cmdsize says. */
static char packed[16];

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
	argv[1] = uhyve_gpa_of(packed + 7);
	argv[2] = uhyve_gpa_of(packed);
	for (unsigned i = UHYVE_V1_MAX_ARGS; i < UHYVE_V1_MAX_ARGS + 3; i++)
		envp[i] = uhyve_gpa_of(beyond);
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
	TEST_IN(VARIANT(6), "UHY-V1-016",
		"of 131 variables no more than counted")
	{
		fetch();
		expect_between(size.envc, 1, UHYVE_V1_MAX_ARGS);
		expect_eq(beyond[0], 0);
	}
	TEST_IN(VARIANT(5), "UHY-V1-023", "NAME=value is among them")
	{
		expect(found);
	}
}
