/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <uhyve_interface/v2.h>

#include "arch.h"
#include "message.h"

#ifndef UHYVE_REF_VERSION
#define UHYVE_REF_VERSION "unreleased"
#endif

#define MIB (UINT64_C(1) << 20)
#define MEMORY_DEFAULT (64 * MIB)
#define MEMORY_MIN (16 * MIB)
#define MEMORY_STEP (2 * MIB)

/* clang-format off */
static const char help[] =
"usage: uhyve-ref [OPTION]... IMAGE [-- [KERNEL_ARG]... [-- APP_ARG...]]\n"
"\n"
"Runs a Hermit image, or any guest of the Uhyve interface, on KVM.\n"
"\n"
"  -m, --memory-size=SIZE     RAM, a number with KiB, MiB or GiB [64MiB]\n"
"  -c, --cpu-count=N          vCPUs, 1 to 64 (aarch64: 16) [1]\n"
"      --file-mapping=HOST:GUEST\n"
"                             the host's file or directory HOST is the\n"
"                             guest's path GUEST; may be repeated\n"
"      --allow-special        allow devices, sockets, procfs, sysfs and the like\n"
"      --tempdir=DIR          directory for files at unmapped paths [/tmp]\n"
"  -e, --env-vars=NAME=VALUE  a variable of the guest's environment; may be\n"
"                             repeated; 'host' passes all of the host's\n"
"  -o, --output=FILE          console to FILE, to nowhere with 'none'\n"
"      --no-aslr              RAM and image at fixed addresses\n"
"      --thp                  huge pages for RAM, if the host allows it\n"
"      --trace[=text|json][,failed|,odd]\n"
"                             print every call to standard error, or only\n"
"                             calls that fail, or calls of an odd form\n"
"      --judge[=text[:FILE]|json:FILE]\n"
"                             check the guest against the rules for guests\n"
"      --time-limit=SECONDS   end the guest after so long, as SIGALRM does\n"
"      --quiet                no warnings about what the guest does\n"
"      --stats                counts and times of calls at the end\n"
"      --file-isolation=MODE  normal, none, or strict: refuse to start if a\n"
"                             layer of the sandbox is missing\n"
"      --no-sandbox           no seccomp, no Landlock; for debugging\n"
"      --remove-leftovers     remove private storage of runs that were killed\n"
"                             from --tempdir, and run nothing\n"
"  -V, --version              print the version and exit\n"
"  -h, --help                 print this and exit\n"
"\n"
"Exit status: the guest's; 1 host or image, 2 command line, 3 the guest\n"
"broke the interface, 4 the guest crashed. See uhyve-ref(1).\n";
/* clang-format on */

enum long_option {
	OPTION_MAPPING = 256,
	OPTION_TEMPDIR,
	OPTION_NO_ASLR,
	OPTION_THP,
	OPTION_TRACE,
	OPTION_STATS,
	OPTION_JUDGE,
	OPTION_QUIET,
	OPTION_TIME_LIMIT,
	OPTION_ISOLATION,
	OPTION_NO_SANDBOX,
	OPTION_REMOVE_LEFTOVERS,
	OPTION_ALLOW_SPECIAL
};

static const struct option long_options[] = {
	{"memory-size", required_argument, NULL, 'm'},
	{"cpu-count", required_argument, NULL, 'c'},
	{"file-mapping", required_argument, NULL, OPTION_MAPPING},
	{"tempdir", required_argument, NULL, OPTION_TEMPDIR},
	{"env-vars", required_argument, NULL, 'e'},
	{"output", required_argument, NULL, 'o'},
	{"no-aslr", no_argument, NULL, OPTION_NO_ASLR},
	{"thp", no_argument, NULL, OPTION_THP},
	{"trace", optional_argument, NULL, OPTION_TRACE},
	{"stats", no_argument, NULL, OPTION_STATS},
	{"judge", optional_argument, NULL, OPTION_JUDGE},
	{"time-limit", required_argument, NULL, OPTION_TIME_LIMIT},
	{"quiet", no_argument, NULL, OPTION_QUIET},
	{"file-isolation", required_argument, NULL, OPTION_ISOLATION},
	{"no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX},
	{"allow-special", no_argument, NULL, OPTION_ALLOW_SPECIAL},
	{"remove-leftovers", no_argument, NULL, OPTION_REMOVE_LEFTOVERS},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0}};

static void append(struct words *words, const char *word)
{
	words->at = realloc(words->at, (words->count + 1) * sizeof(word));
	if (!words->at)
		die("out of memory");
	words->at[words->count++] = word;
}

/* ---- Values -------------------------------------------------------------- */

/* Bytes for each unit, 0 for one that is not understood. */
static uint64_t unit_of(const char *name)
{
	if (*name == '\0' || strcmp(name, "B") == 0)
		return 1;
	if (name[1] != '\0' && strcasecmp(name + 1, "iB") != 0)
		return 0;
	switch (toupper((unsigned char)*name)) {
	case 'K':
		return MIB >> 10;
	case 'M':
		return MIB;
	case 'G':
		return MIB << 10;
	default:
		return 0;
	}
}

static uint64_t memory_size(const char *text)
{
	errno = 0;
	char *end;
	unsigned long long number = strtoull(text, &end, 10);
	uint64_t unit = unit_of(end + strspn(end, " "));
	uint64_t size;
	if (!isdigit((unsigned char)*text) || errno || !unit ||
	    __builtin_mul_overflow(number, unit, &size))
		die_usage("--memory-size=%s: not a size such as 64MiB or 1GiB",
			  text);
	if (size < MEMORY_MIN)
		die_usage("--memory-size=%s: too little, at least %dMiB are "
			  "needed",
			  text, (int)(MEMORY_MIN / MIB));
	if (size % MEMORY_STEP)
		die_usage("--memory-size=%s: not a multiple of %dMiB", text,
			  (int)(MEMORY_STEP / MIB));
	return size;
}

#define SECONDS_MAX 1000000u /* more would be a mistake */

static unsigned seconds(const char *text)
{
	errno = 0;
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || errno || *end || number < 1 ||
	    number > SECONDS_MAX)
		die_usage("--time-limit=%s: not a number of seconds", text);
	return (unsigned)number;
}

static unsigned cpu_count(const char *text)
{
	errno = 0;
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || errno || *end || number < 1 ||
	    number > arch.max_vcpus)
		die_usage("--cpu-count=%s: not a number from 1 to %u", text,
			  arch.max_vcpus);
	return (unsigned)number;
}

static const char *mapping(const char *text)
{
	const char *colon = strrchr(text, ':');
	if (!colon || colon == text || colon[1] == '\0')
		die_usage("--file-mapping=%s: not of the form HOST:GUEST",
			  text);
	return text;
}

static void add_env(struct options *options, const char *text)
{
	if (strcmp(text, "host") == 0) {
		options->env.count = 0;
		for (char **variable = environ; *variable; variable++)
			append(&options->env, *variable);
	} else if (text[0] == '=' || !strchr(text, '=')) {
		die_usage("--env-vars=%s: not of the form NAME=VALUE", text);
	} else {
		append(&options->env, text);
	}
}

/* "FORM", "FORM,FILTER" or "FILTER". */
static void trace(struct options *options, const char *text)
{
	static const struct {
		const char *word;
		enum observe_trace trace;
		enum observe_filter filter;
	} forms[] = {
		{"text", TRACE_TEXT, FILTER_ALL},
		{"json", TRACE_JSON, FILTER_ALL},
		{"failed", TRACE_TEXT, FILTER_FAILED},
		{"odd", TRACE_TEXT, FILTER_ODD},
		{"text,failed", TRACE_TEXT, FILTER_FAILED},
		{"text,odd", TRACE_TEXT, FILTER_ODD},
		{"json,failed", TRACE_JSON, FILTER_FAILED},
		{"json,odd", TRACE_JSON, FILTER_ODD},
	};
	for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (!text || strcmp(text, forms[i].word) == 0) {
			options->trace = forms[i].trace;
			options->filter = forms[i].filter;
			return;
		}
	die_usage("--trace=%s: neither text nor json", text);
}

/* "text", "text:FILE" or "json:FILE". */
static void judge(struct options *options, const char *text)
{
	const char *colon = strchr(text, ':');
	size_t size = colon ? (size_t)(colon - text) : strlen(text);
	bool json = size == 4 && memcmp(text, "json", 4) == 0;
	if (!json && !(size == 4 && memcmp(text, "text", 4) == 0))
		die_usage("--judge=%s: neither text nor json", text);
	if (colon ? colon[1] == '\0' : json)
		die_usage("--judge=%s: it needs a file, as in json:report.json",
			  text);
	options->judge = json ? JUDGE_JSON : JUDGE_TEXT;
	options->judge_file = colon ? colon + 1 : NULL;
}

static enum sandbox_mode isolation(const char *text)
{
	if (strcmp(text, "none") == 0)
		return SANDBOX_OFF;
	if (strcmp(text, "strict") == 0)
		return SANDBOX_STRICT;
	if (strcmp(text, "normal") != 0)
		die_usage("--file-isolation=%s: neither none, normal nor "
			  "strict",
			  text);
	return SANDBOX_NORMAL;
}

/* ---- The whole line ------------------------------------------------------ */

static _Noreturn void print_and_exit(const char *text)
{
	if (fputs(text, stdout) < 0 || fflush(stdout))
		die("cannot write to standard output: %s", strerror(errno));
	exit(0);
}

static _Noreturn void reject(char **argv, int option)
{
	const char *word = argv[optind - 1];
	if (option == ':')
		die_usage("%s: it needs a value", word);
	if (optopt && optopt < 256)
		die_usage("-%c: no such option", optopt);
	if (optopt)
		die_usage("%s: it takes no value", word);
	die_usage("%s: no such option, or not a unique beginning of one", word);
}

static void take(struct options *options, int option, char **argv)
{
	switch (option) {
	case 'm':
		options->memory = memory_size(optarg);
		break;
	case 'c':
		options->cpus = cpu_count(optarg);
		break;
	case OPTION_MAPPING:
		append(&options->mappings, mapping(optarg));
		break;
	case OPTION_TEMPDIR:
		options->tempdir = optarg;
		break;
	case 'e':
		add_env(options, optarg);
		break;
	case 'o':
		options->output = strcmp(optarg, "None") == 0 ? "none" : optarg;
		break;
	case OPTION_NO_ASLR:
		options->aslr = false;
		break;
	case OPTION_THP:
		options->huge_pages = true;
		break;
	case OPTION_TRACE:
		trace(options, optarg);
		break;
	case OPTION_STATS:
		options->stats = true;
		break;
	case OPTION_JUDGE:
		judge(options, optarg ? optarg : "text");
		break;
	case OPTION_TIME_LIMIT:
		options->time_limit = seconds(optarg);
		break;
	case OPTION_QUIET:
		options->quiet = true;
		break;
	case OPTION_ISOLATION:
		options->sandbox = isolation(optarg);
		break;
	case OPTION_NO_SANDBOX:
		options->sandbox = SANDBOX_OFF;
		break;
	case OPTION_ALLOW_SPECIAL:
		options->allow_special = true;
		break;
	case OPTION_REMOVE_LEFTOVERS:
		options->remove_leftovers = true;
		break;
	case 'V':
		print_and_exit("uhyve-ref " UHYVE_REF_VERSION "\n");
	case 'h':
		print_and_exit(help);
	default:
		reject(argv, option);
	}
}

/* A word that is not an option: the image, then what its kernel is told. */
static void take_word(struct options *options, const char *word)
{
	if (!options->image)
		options->image = word;
	else
		append(&options->kernel_args, word);
}

/*
 * Takes the words after the "--" that ended the options, which is discarded, as
 * in uhyve. Words up to a second "--" go to the kernel, the rest to the
 * application.
 */
static void take_rest(struct options *options, char **rest)
{
	if (!options->image && *rest)
		options->image = *rest++;
	for (; *rest && strcmp(*rest, "--") != 0; rest++)
		append(&options->kernel_args, *rest);
	if (*rest)
		rest++;
	for (; *rest; rest++)
		append(&options->app_args, *rest);
}

void options_parse(struct options *options, int argc, char **argv)
{
	*options = (struct options){.memory = MEMORY_DEFAULT,
				    .cpus = 1,
				    .sandbox = SANDBOX_NORMAL,
				    .judge = JUDGE_WARN,
				    .aslr = true};
	opterr = 0;
	int option;
	/* "-": words come in order, as option 1; ":": tell errors apart. */
	while ((option = getopt_long(argc, argv, "-:m:c:e:o:Vh", long_options,
				     NULL)) != -1)
		if (option == 1)
			take_word(options, optarg);
		else
			take(options, option, argv);
	take_rest(options, argv + optind);
	if (options->quiet && options->judge == JUDGE_WARN)
		options->judge = JUDGE_SILENT;
	if (!options->image && !options->remove_leftovers)
		die_usage("no image is given");
}
