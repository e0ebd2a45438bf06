/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What image_read() and gmem_store() promise, for objects that are no bytes: WP counts
 * memory in cells, one for each number, whatever its size. Read before a file that reads
 * structures (-include); each object that is read may hold any value afterwards.
 */
#ifndef PROOF_TYPED_H
#define PROOF_TYPED_H

#include <elf.h>
#include "image.h"

/* The prover does not read all literals; four bytes, whatever they are. */
#undef ELFMAG
#define ELFMAG proof_magic
extern const uint8_t proof_magic[SELFMAG + 1];

/* As libc.h, without a cast. */
/*@
  requires \valid_read(a + (0 .. size - 1));
  requires \valid_read(b + (0 .. size - 1));
  assigns \result \from a, b;
*/
int proof_differ_bytes(const uint8_t *a, const uint8_t *b, size_t size);
#undef memcmp
#define memcmp proof_differ_bytes

/*@
  requires \valid_read(from + (0 .. size - 1));
  assigns \result \from from;
  ensures \valid_read((char *)\result + (0 .. 63));
*/
const void *proof_any_of(const uint8_t *from, size_t size);
#undef memcpy
#define memcpy(to, from, size)                                                 \
	((void)(*(to) = *(const __typeof__(*(to)) *)proof_any_of((from),       \
								 (size))))

#define PROOF_READ(type)                                                       \
	int proof_read_##type(const struct image *image, uint64_t offset,      \
			      type *to, uint64_t len);

/*@
  requires \valid_read(image) && \valid(to) && len <= sizeof(*to);
  requires \separated(image, to);
  assigns \result, *to, errno;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> offset + len <= image->size;
*/
PROOF_READ(Elf64_Ehdr)

/*@
  requires \valid_read(image) && \valid(to) && len <= sizeof(*to);
  requires \separated(image, to);
  assigns \result, *to, errno;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> offset + len <= image->size;
*/
PROOF_READ(Elf64_Shdr)

/*@
  requires \valid_read(image) && len % sizeof(*to) == 0;
  requires \valid(to + (0 .. len / sizeof(*to) - 1));
  requires \separated(image, to + (0 .. len / sizeof(*to) - 1));
  assigns \result, to[0 .. len / sizeof(*to) - 1], errno;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> offset + len <= image->size;
*/
PROOF_READ(Elf64_Phdr)

/*@
  requires \valid_read(image) && len % sizeof(*to) == 0;
  requires \valid(to + (0 .. len / sizeof(*to) - 1));
  requires \separated(image, to + (0 .. len / sizeof(*to) - 1));
  assigns \result, to[0 .. len / sizeof(*to) - 1], errno;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> offset + len <= image->size;
*/
PROOF_READ(Elf64_Sym)

#define PROOF_IS(to, type)                                                     \
	__builtin_types_compatible_p(__typeof__((to) + 0), type *)
#define PROOF_AS(to, type, image, offset, len)                                 \
	proof_read_##type((image), (offset), (type *)(void *)(to), (len))
#define image_read(image, offset, to, len)                                     \
	(PROOF_IS(to, Elf64_Ehdr)                                              \
		 ? PROOF_AS(to, Elf64_Ehdr, image, offset, len)                \
	 : PROOF_IS(to, Elf64_Shdr)                                            \
		 ? PROOF_AS(to, Elf64_Shdr, image, offset, len)                \
	 : PROOF_IS(to, Elf64_Phdr)                                            \
		 ? PROOF_AS(to, Elf64_Phdr, image, offset, len)                \
	 : PROOF_IS(to, Elf64_Sym)                                             \
		 ? PROOF_AS(to, Elf64_Sym, image, offset, len)                 \
		 : image_read(image, offset, to, len))

/*@
  requires \valid_read(mem) && ram_is_host_memory(mem) && \valid_read(from);
  requires size == sizeof(*from);
  requires \separated(from, mem, mem->host + (0 .. mem->size - 1));
  assigns mem->host[0 .. mem->size - 1];
  ensures \result == 0 || \result == -EFAULT;
  ensures \result == 0 <==> in_ram(mem, gpa.addr, size);
*/
int proof_store(const struct gmem *mem, struct uhyve_gpa gpa,
		const uint64_t *from, size_t size);
#define gmem_store proof_store

#endif
