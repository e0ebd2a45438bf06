/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The VMM's objects with another main(): uhyve-ref-freedoms
 * --freedoms[=SEED|NAME,...] …, and --list-freedoms.
 */
#include "freedoms.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

/*
 * In the file that this variable of the environment names, one line for each
 * freedom of the run, "NAME 0" or, once it was taken, "NAME 1". It is mapped
 * into memory, so that it is complete however the program ends.
 */
#define TAKEN_FILE "UHYVE_FREEDOMS_TAKEN"

static const struct variant *mine[VARIANTS_MAX];
static unsigned mine_count;
static char *marks[VARIANTS_MAX];
static uint32_t seed;

static int usage(const char *program, const char *format, const char *word)
{
	fprintf(stderr, "%s: ", program);
	fprintf(stderr, format, word);
	fprintf(stderr, "; see --list-freedoms\n");
	return 2;
}

/* ---- Choosing ------------------------------------------------------------ */

/* The n-th freedom: of its rows the first. */
static const struct variant *first_row(unsigned n)
{
	const struct variant *row;

	for (unsigned i = 0; (row = variants_at(i)); i++)
		if (variants_find(row->name) == row && n-- == 0)
			return row;
	return NULL;
}

static bool goes_together(const struct variant *freedom)
{
	return strcmp(freedom->id, TOGETHER) == 0;
}

/* Chooses all rows of that name; false if there are none. */
static bool choose(const char *name)
{
	bool known = freedom_chosen(name);

	const struct variant *row;
	for (unsigned n = 0; !known && (row = variants_at(n)); n++)
		if (strcmp(row->name, name) == 0)
			variants_choose(row);
	row = variants_find(name);
	if (row && !known)
		mine[mine_count++] = row;
	return row;
}

static uint32_t scrambled(uint32_t x)
{
	x = (x ^ (x >> 16)) * 0x7feb352d;
	x = (x ^ (x >> 15)) * 0x846ca68b;
	return x ^ (x >> 16);
}

/* All that go together; with a seed about half of them. */
static void choose_together(void)
{
	const struct variant *freedom;

	for (unsigned n = 0; (freedom = first_row(n)); n++)
		if (goes_together(freedom) &&
		    (!seed || scrambled(seed * 1000 + n) & 1))
			choose(freedom->name);
}

/* "NAME,NAME": the first name that does not exist, or NULL. */
static const char *choose_named(char *names)
{
	for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
		if (!choose(name))
			return name;
	}
	return NULL;
}

unsigned strength(unsigned low, unsigned high)
{
	static atomic_uint drawn;

	if (!seed)
		return low;
	return low +
	       scrambled(seed + atomic_fetch_add(&drawn, 1)) % (high - low + 1);
}

/* ---- What was taken ------------------------------------------------------- */

bool freedom_chosen(const char *name)
{
	for (unsigned i = 0; i < mine_count; i++)
		if (strcmp(mine[i]->name, name) == 0)
			return true;
	return false;
}

void taken_as(const char *name)
{
	for (unsigned i = 0; i < mine_count; i++)
		if (marks[i] && strcmp(mine[i]->name, name) == 0)
			*marks[i] = '1';
}

void taken(void)
{
	if (variants_running())
		taken_as(variants_running()->name);
}

/* 0, or -1 when the file cannot be had. */
static int open_marks(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

	if (!file)
		return -1;
	long offsets[VARIANTS_MAX];
	for (unsigned i = 0; i < mine_count; i++) {
		offsets[i] = ftell(file) + (long)strlen(mine[i]->name) + 1;
		fprintf(file, "%s 0\n", mine[i]->name);
	}
	fprintf(file, "\n");
	if (fflush(file) != 0)
		return -1;
	char *text = mmap(NULL, (size_t)ftell(file), PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, 0);
	fclose(file);
	if (text == MAP_FAILED)
		return -1;
	for (unsigned i = 0; i < mine_count; i++)
		marks[i] = text + offsets[i];
	return 0;
}

/* ---- Command line -------------------------------------------------------- */

static void list(void)
{
	const struct variant *freedom;

	for (unsigned n = 0; (freedom = first_row(n)); n++)
		printf("%s\t%s\t%s\n", freedom->name, freedom->id,
		       freedom->what);
}

/* The value of --freedoms: 0, or a status. */
static int choose_by(const char *program, char *value)
{
	char *end = value;
	unsigned long number = strtoul(value, &end, 10);

	if (*value >= '0' && *value <= '9') {
		if (*end || number == 0 || number > UINT32_MAX / 1000)
			return usage(program, "%s is not a seed from 1 upwards",
				     value);
		seed = (uint32_t)number;
		choose_together();
		return 0;
	}
	const char *unknown = choose_named(value);
	if (unknown)
		return usage(program, "no freedom %s", unknown);
	return mine_count ? 0 : usage(program, "%sno freedom is named", "");
}

int __wrap_main(int argc, char **argv);

int __wrap_main(int argc, char **argv)
{
	const char *path = getenv(TAKEN_FILE);
	int status = 0;

	if (argc > 1 && strcmp(argv[1], "--list-freedoms") == 0) {
		list();
		return 0;
	}
	if (argc < 2 || strncmp(argv[1], "--freedoms", 10) != 0)
		return __real_main(argc, argv);
	if (argv[1][10] == '=')
		status = choose_by(argv[0], argv[1] + 11);
	else if (argv[1][10] == '\0')
		choose_together();
	else
		status = usage(argv[0], "no option %s", argv[1]);
	if (status)
		return status;
	if (path && open_marks(path)) {
		fprintf(stderr, "%s: %s: %s\n", argv[0], path, strerror(errno));
		return 1;
	}
	argv[1] = argv[0];
	return __real_main(argc - 1, argv + 1);
}
