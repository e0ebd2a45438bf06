/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "sandbox.h"
int sandbox_seccomp(void)
{
	return 0;
}
