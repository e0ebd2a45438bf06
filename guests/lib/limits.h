/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Shared by C and assembler. */
#ifndef GUEST_LIMITS_H
#define GUEST_LIMITS_H

#define GUEST_MAX_CPUS 8
#define GUEST_STACK_SIZE 0x4000 /* bytes, for each vCPU */

#endif
