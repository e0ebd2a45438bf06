/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The VMM that counts its branches (gcov) writes the counts to files when it
 * ends, which the sandbox forbids: it is left out here, and the unit tests count
 * its branches. Ends that skip the handlers of exit(3) write them, too.
 */
#include <signal.h>

#include "../seams/no_sandbox.h"

void __gcov_dump(void);
_Noreturn void __real__exit(int status);
int __real_raise(int number);

_Noreturn void __wrap__exit(int status);
int __wrap_raise(int number);

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}

int __wrap_raise(int number)
{
	__gcov_dump();
	return __real_raise(number);
}
