/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Replays the inputs that fuzzers once found interesting. */
#include <dirent.h>
#include <stdlib.h>

#include "fake.h"
#include "fuzz.h"

/* Relative to the root of the repository, where make runs. */
#define CORPUS "reference-vmm/fuzz/corpus/"

static void replay_file(const char *path,
			int (*target)(const uint8_t *, size_t))
{
	uint8_t *bytes = malloc(65536);
	FILE *file = fopen(path, "rb");

	assert_non_null(bytes);
	assert_non_null(file);
	target(bytes, fread(bytes, 1, 65536, file));
	fclose(file);
	free(bytes);
}

static void replay(const char *directory,
		   int (*target)(const uint8_t *, size_t))
{
	const struct dirent *entry;
	char path[512];
	unsigned count = 0;
	DIR *dir = opendir(directory);

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		replay_file(path, target);
		count++;
	}
	closedir(dir);
	assert_true(count > 0);
	target((const uint8_t *)"", 0);
}

static void calls(void **state)
{
	(void)state;
	replay(CORPUS "calls", fuzz_calls);
}

static void images(void **state)
{
	(void)state;
	replay(CORPUS "image", fuzz_image);
}

static void devicetrees(void **state)
{
	(void)state;
	replay(CORPUS "devicetree", fuzz_devicetree);
}

static void bootargs(void **state)
{
	(void)state;
	replay(CORPUS "bootargs", fuzz_bootargs);
}

static void crashes(void **state)
{
	(void)state;
	replay(CORPUS "crash", fuzz_crash);
}

static void changes(void **state)
{
	(void)state;
	replay(CORPUS "change", fuzz_change);
}

int corpus_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls),       cmocka_unit_test(images),
		cmocka_unit_test(devicetrees), cmocka_unit_test(bootargs),
		cmocka_unit_test(crashes),     cmocka_unit_test(changes),
	};

	return cmocka_run_group_tests_name("fuzzers' corpus", tests, NULL,
					   NULL);
}
