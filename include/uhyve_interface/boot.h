/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an image says of itself, and what it is told when it starts
 * (spec/80-boot.md, UHY-BOOT). Needs nothing but <stdint.h>.
 */
#ifndef UHYVE_INTERFACE_BOOT_H
#define UHYVE_INTERFACE_BOOT_H

#include "v2.h"

/* ---- ELF: identification and notes --------------------------------------- */

#define UHYVE_ELF_OSABI 255 /* ELFOSABI_STANDALONE in e_ident[EI_OSABI] */

/*
 * All notes lie in the first PT_NOTE segment, 4-aligned. Names are with their
 * NUL: "HERMIT" counts 7, "UHYVEIF" 8.
 */
#define UHYVE_NOTE_ENTRY_NAME "HERMIT"
#define UHYVE_NOTE_ENTRY_TYPE 0x5a00 /* 1 byte: the entry version */
#define UHYVE_NOTE_ENTRY_VERSION 4
#define UHYVE_NOTE_INTERFACE_NAME "UHYVEIF"
#define UHYVE_NOTE_INTERFACE_TYPE 0x5b00 /* 4 bytes, big-endian: version */
#define UHYVE_NOTE_ABI_NAME "GNU"
#define UHYVE_NOTE_ABI_TYPE 1 /* 4 x u32: OS, major, minor, patch */
#define UHYVE_NOTE_ABI_OS_HERMIT 6

/* ---- Guest-physical memory ----------------------------------------------- */

/* The bounds of RAM, first address and end, by interface version. */
#define UHYVE_RAM_FIRST 0x100000000
#define UHYVE_RAM_END 0x1000000000
#define UHYVE_V1_RAM_FIRST_X86_64 0x0
#define UHYVE_V1_RAM_END_X86_64 0xc0000000
#define UHYVE_V1_RAM_FIRST_AARCH64 0x10000000
#define UHYVE_V1_RAM_END_AARCH64 0x1000000000
#define UHYVE_RAM_ALIGN 0x200000

/* Offsets from the first address of RAM. */
#define UHYVE_BOOT_GDT 0x0
#define UHYVE_BOOT_FDT 0x1000
#define UHYVE_BOOT_FDT_MAX 0x4000
#define UHYVE_BOOT_INFO 0x5000
#define UHYVE_BOOT_PAGE_TABLES 0x10000
#define UHYVE_BOOT_PAGE_TABLES_END 0x38000
#define UHYVE_BOOT_IMAGE 0x40000
#define UHYVE_BOOT_STACK_SIZE 0x8000 /* right below the image */

/* boot_info.serial_port_base by interface version. */
#define UHYVE_BOOT_SERIAL_BASE 0x1030
#define UHYVE_V1_BOOT_SERIAL_BASE 0x800

/* boot_info.platform */
#define UHYVE_BOOT_PLATFORM_UHYVE 1

#ifndef __ASSEMBLER__

/*
 * At entry RDI (X0, A1) holds the address of this structure, RSI (X1, A0) the
 * number of the vCPU. Every integer is little-endian; padding is zero.
 *
 * On x86-64 and aarch64 RSP (SP) is the LOWEST address of the stack, not its top: the stack is the
 * UHYVE_BOOT_STACK_SIZE bytes above it, and page tables lie below. A guest that
 * pushes before it has moved the pointer overwrites page tables and seems to
 * work. Every vCPU is given the same stack, so take one of your own for each,
 * as guests/sdk/start_x86_64.S and start_aarch64.S do.
 */
#if defined(__x86_64__) || defined(UHYVE_BOOT_X86_64)
struct uhyve_boot_info {
	uint64_t ram_start;
	uint64_t ram_end;
	uint16_t serial_port_base;
	uint8_t pad0[6];
	struct uhyve_gpa device_tree; /* 0: none */
	uint64_t image_start;
	uint64_t image_end;
	uint64_t tls_start; /* the four are 0 without a PT_TLS segment */
	uint64_t tls_filesz;
	uint64_t tls_memsz;
	uint64_t tls_align;
	uint32_t platform;
	uint8_t pad1[4];
	uint8_t has_pci;
	uint8_t pad2[7];
	uint64_t num_cpus;
	uint32_t cpu_freq_khz; /* 0: unknown */
	uint8_t pad3[4];
	uint64_t boot_time_ns_low; /* 128 bits, signed, since the Unix epoch */
	int64_t boot_time_ns_high;
};
#else
struct __attribute__((packed, aligned(8))) uhyve_boot_info {
	uint64_t ram_start;
	uint64_t ram_end;
	uint64_t serial_port_base;
	struct uhyve_gpa device_tree; /* 0: none */
	uint64_t image_start;
	uint64_t image_end;
	uint64_t tls_start; /* the four are 0 without a PT_TLS segment */
	uint64_t tls_filesz;
	uint64_t tls_memsz;
	uint64_t tls_align;
	uint32_t platform;
	uint8_t pad1[4];
	uint8_t has_pci;
	uint8_t pad2[7];
	uint64_t num_cpus;
	uint32_t cpu_freq_khz;     /* 0: unknown */
	uint64_t boot_time_ns_low; /* 128 bits, signed, since the Unix epoch */
	int64_t boot_time_ns_high;
	uint8_t pad3[4];
};
#endif

#if defined(__x86_64__) || defined(UHYVE_BOOT_X86_64)
#define UHYVE_ON_x86_64(...) __VA_ARGS__
#define UHYVE_ON_aarch64(...)
#define UHYVE_ON_riscv64(...)
#else
#define UHYVE_ON_x86_64(...)
#define UHYVE_ON_aarch64(...) __VA_ARGS__
#define UHYVE_ON_riscv64(...) __VA_ARGS__
#endif
#define UHYVE_ON_any(...) __VA_ARGS__
#define UHYVE_STRUCT(name, size, align)                                        \
	UHYVE_ASSERT_LAYOUT(uhyve_##name, size, align);
#define UHYVE_MEMBER(name, member, offset, type, arch)                         \
	UHYVE_ON_##arch(UHYVE_ASSERT_MEMBER(uhyve_##name, member, offset,      \
					    UHYVE_TYPE_##type);)
#define UHYVE_CONSTANT(group, name, value)                                     \
	UHYVE_STATIC_ASSERT(UHYVE_##name == (value), #name);
#define UHYVE_NOTE(name, owner, type, size)                                    \
	UHYVE_STATIC_ASSERT(sizeof(UHYVE_NOTE_##name##_NAME) == sizeof(owner), \
			    #name " owner");                                   \
	UHYVE_STATIC_ASSERT(UHYVE_NOTE_##name##_TYPE == (type), #name " typ"   \
								      "e");
#include "boot.def"

#endif /* __ASSEMBLER__ */
#endif /* UHYVE_INTERFACE_BOOT_H */
