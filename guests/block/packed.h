/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The blocks that may lie at any address. */
#include "fields.h"

/* Blocks made for version 1, without alignment: of 20, 8 and 12 bytes. */
static inline bool is_packed(const struct uhyve_call_info *info)
{
	return info->number == UHYVE_FILE_OPEN ||
	       info->number == UHYVE_FILE_CLOSE ||
	       info->number == UHYVE_FILE_UNLINK;
}
