/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Cuts the file that it was started from, which lies at /m/image, and crashes. */
#include "test.h"

GUEST(summary = "cuts its own image", tap = false)

void guest_main(void)
{
	if (file_open("/m/image", UHYVE_O_WRONLY | UHYVE_O_TRUNC, 0) < 3)
		uhyve_exit(1);
	uhyve_call(UHYVE_FILE_CLOSE, ~UINT64_C(0));
}
