/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How a guest makes a hypercall (spec/10-transport.md, UHY-CALL).
 *
 * The call is synchronous: what the guest stored before it is seen by the
 * hypervisor, and what the hypervisor stored is seen after it. All registers
 * keep their values; only memory changes.
 */
#ifndef UHYVE_INTERFACE_GUEST_H
#define UHYVE_INTERFACE_GUEST_H

#include "v2.h"

/* The guest-physical address of p where memory is mapped one to one. */
static inline struct uhyve_gpa uhyve_gpa_of(const volatile void *p)
{
	struct uhyve_gpa gpa = {(uint64_t)(uintptr_t)p};
	return gpa;
}

#if defined(__x86_64__)

/*
 * x86-64: a 32-bit OUT to the port number; RDI holds the argument. EAX has no
 * meaning.
 */
static inline void uhyve_call(uint16_t number, uint64_t argument)
{
	__asm__ volatile("outl %%eax, %%dx"
			 :
			 : "d"(number), "a"(0), "D"(argument)
			 : "memory");
}

/* x86-64: a 32-bit IN, which only SerialReadByte answers. */
static inline uint32_t uhyve_read(uint16_t number)
{
	uint32_t value;
	__asm__ volatile("inl %%dx, %%eax"
			 : "=a"(value)
			 : "d"(number)
			 : "memory");
	return value;
}

#elif defined(__aarch64__)

/*
 * aarch64: a 64-bit store of X8 to the number as an address, in the plain form
 * without write-back, so that the hardware can describe it.
 */
static inline void uhyve_call(uint16_t number, uint64_t argument)
{
	register uint64_t x8 __asm__("x8") = argument;
	__asm__ volatile("str %0, [%1]"
			 :
			 : "r"(x8), "r"((uint64_t)number)
			 : "memory");
}

/* aarch64: a 32-bit load, which only SerialReadByte answers. */
static inline uint32_t uhyve_read(uint16_t number)
{
	uint32_t value;
	__asm__ volatile("ldr %w0, [%1]"
			 : "=r"(value)
			 : "r"((uint64_t)number)
			 : "memory");
	return value;
}

#elif defined(__riscv) && __riscv_xlen == 64

/* riscv64 (proposed): a 64-bit store of A0 to the number as an address. */
static inline void uhyve_call(uint16_t number, uint64_t argument)
{
	register uint64_t a0 __asm__("a0") = argument;
	__asm__ volatile("sd %0, 0(%1)"
			 :
			 : "r"(a0), "r"((uint64_t)number)
			 : "memory");
}

/* riscv64: a 32-bit load, which only SerialReadByte answers. */
static inline uint32_t uhyve_read(uint16_t number)
{
	uint32_t value;
	__asm__ volatile("lw %0, 0(%1)"
			 : "=r"(value)
			 : "r"((uint64_t)number)
			 : "memory");
	return value;
}

#else
#error "the Uhyve interface is defined for x86-64, aarch64 and riscv64"
#endif

/* The same with the address of a parameter block. */
static inline void uhyve_call_block(uint16_t number, volatile void *block)
{
	uhyve_call(number, uhyve_gpa_of(block).addr);
}

/* Ends the virtual machine; the host's exit status is the low 8 bits. */
static inline void uhyve_exit(int32_t code)
{
	uhyve_call(UHYVE_EXIT, (uint32_t)code);
}

#endif /* UHYVE_INTERFACE_GUEST_H */
