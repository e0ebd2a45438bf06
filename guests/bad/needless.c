/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A guest that names version 3, of which it has no call. */
#define GUEST_INTERFACE 3
#include "test.h"

GUEST(summary = "a needless version")

void guest_start(void);
void guest_start(void)
{
	uhyve_exit(0);
}
