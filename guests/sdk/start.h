/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What start_x86_64.S and its siblings do: each vCPU gets a stack of its own,
 * vCPU 0 runs uhyve_main() and ends the machine with its result, the others run
 * uhyve_cpu_main(), which parks them unless the guest defines its own. A vCPU
 * beyond UHYVE_MAX_CPUS, or with a number that another one has, is parked at once.
 *
 * Shared by C and assembler; define the two numbers for both to change them.
 */
#ifndef UHYVE_SDK_START_H
#define UHYVE_SDK_START_H

#ifndef UHYVE_MAX_CPUS
#define UHYVE_MAX_CPUS 8
#endif
#ifndef UHYVE_STACK_SIZE
#define UHYVE_STACK_SIZE 0x4000 /* bytes, for each vCPU; a multiple of 16 */
#endif

#ifndef __ASSEMBLER__

#include <uhyve_interface/boot.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Given by the guest. The result is the code of Exit. */
int uhyve_main(const struct uhyve_boot_info *info);
void uhyve_cpu_main(unsigned cpu);

/* The number of vCPUs that were parked at once. */
extern uint32_t uhyve_turned_away;

/* Sleeps until it is killed. */
void uhyve_park(void) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif

#endif /* __ASSEMBLER__ */
#endif
