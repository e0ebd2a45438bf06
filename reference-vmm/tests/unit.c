/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Unit tests of the VMM's parts that need no KVM. */
#include "fake.h"

int main(void)
{
	int failed = 0;

	failed += gmem_tests();
	failed += path_tests();
	failed += descriptor_tests();
	failed += table_tests();
	failed += file_tests();
	failed += name_tests();
	failed += console_tests();
	failed += directory_tests();
	failed += exit_tests();
	failed += v1_tests();
	failed += observe_tests();
	failed += image_tests();
	failed += boot_tests();
	failed += sandbox_tests();
	failed += option_tests();
	failed += page_table_tests();
	failed += corpus_tests();
	return failed ? 1 : 0;
}
