/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Breaks the rule of blocks, so that the VMM reports where. */
#include "test.h"

GUEST(summary = "passes a block outside RAM", tap = false)

void guest_main(void)
{
	uhyve_call(UHYVE_FILE_CLOSE, ~UINT64_C(0));
}
