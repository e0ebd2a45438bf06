/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The VMM's objects with another main(): uhyve-ref-mutants --mutant NAME …,
 * and --list-mutants.
 */
#include <string.h>

#include "mutant.h"

static void list(void)
{
	const struct variant *m;

	for (unsigned n = 0; (m = variants_at(n)); n++)
		printf("%s\t%s\t%s\n", m->name, m->id, m->what);
}

int __wrap_main(int argc, char **argv);

int __wrap_main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--list-mutants") == 0) {
		list();
		return 0;
	}
	if (argc <= 2 || strcmp(argv[1], "--mutant") != 0)
		return __real_main(argc, argv);
	const struct variant *mutant = variants_find(argv[2]);
	if (!mutant) {
		fprintf(stderr, "%s: no mutant %s; see --list-mutants\n",
			argv[0], argv[2]);
		return 2;
	}
	variants_choose(mutant);
	argv[2] = argv[0];
	return __real_main(argc - 2, argv + 2);
}
