/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Calls whose every register is known. */
#ifndef GUEST_REGISTERS_H
#define GUEST_REGISTERS_H

#include <stdint.h>

/*
 * x86-64: RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15, then RFLAGS.
 * aarch64: X0 to X30, SP, then NZCV.
 * riscv64: X0 to X31.
 */
#if defined(__x86_64__)
#define REGISTERS 17
#define REGISTER_FLAGS 16
#elif defined(__riscv)
#define REGISTERS 32
#define REGISTER_FIRST 1  /* X0 is 0 */
#define REGISTER_FLAGS 32 /* there are none */
#else
#define REGISTERS 33
#define REGISTER_FLAGS 32
#endif
#ifndef REGISTER_FIRST
#define REGISTER_FIRST 0
#endif

/* What assembly defines belongs to the image, also where that is a shared object. */
#pragma GCC visibility push(hidden)

extern uint64_t registers_before[REGISTERS], registers_after[REGISTERS];

/*
 * Makes the call with the registers of registers_before, except that number,
 * argument and stack pointer are put into their places; the real values at the
 * call instruction are then in registers_before, those after it in
 * registers_after.
 */
void registers_call(uint16_t number, uint64_t argument);

/*
 * Makes a call of each kind that came with interface 2 and does not wait for
 * input, with registers that follow from seed and with these flags; check is
 * called after each one. After samples_open().
 */
void registers_each_call(uint64_t seed, uint64_t flags, void (*check)(void));

/* Makes the call, then executes four instructions that each add 1; the sum. */
uint64_t call_then_count(uint16_t number, uint64_t argument);

/* Makes the call and loads the 32 bits at address with the next instruction. */
uint32_t call_then_load(uint16_t number, uint64_t argument,
			const volatile void *address);

/* Reads the number while the argument's register holds argument. */
uint32_t read_number(uint16_t number, uint64_t argument);

#pragma GCC visibility pop

#endif
