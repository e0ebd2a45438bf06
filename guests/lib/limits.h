/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Shared by C and assembler. */
#ifndef GUEST_LIMITS_H
#define GUEST_LIMITS_H

#include "start.h"

#define GUEST_MAX_CPUS UHYVE_MAX_CPUS

#endif
