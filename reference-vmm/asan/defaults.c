/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * For the build with sanitizers only: the check for leaks at the end attaches to
 * the program, which the sandbox forbids. Unit tests check for leaks.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
