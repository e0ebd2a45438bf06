/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Guest memory. This is the only file pair that turns a guest address into a
 * pointer; it holds the one range rule (UHY-PTR).
 */
#ifndef GMEM_H
#define GMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uhyve_interface/v2.h>

/* Guest RAM: guest-physical [start, start + size) lies at host. */
struct gmem {
	uint8_t *host;
	uint64_t start; /* first guest-physical address */
	uint64_t size;  /* bytes */
};

/*
 * Whether [addr, addr + len) lies wholly in RAM, in unbounded integers: a range
 * that wraps around does not. A range of length 0 is valid at any address.
 */
bool gmem_valid(const struct gmem *mem, uint64_t addr, uint64_t len);

/*
 * The host's pointer to [gpa, gpa + len), or NULL when the range is not valid.
 * For len 0 some pointer that is not NULL and must not be dereferenced.
 */
void *gmem_at(const struct gmem *mem, struct uhyve_gpa gpa, uint64_t len);

/* Copies len bytes from or to guest memory; 0, or -EFAULT and nothing copied.
 */
int gmem_load(const struct gmem *mem, struct uhyve_gpa gpa, void *to,
	      size_t len);
int gmem_store(const struct gmem *mem, struct uhyve_gpa gpa, const void *from,
	       size_t len);

/*
 * Copies a NUL-terminated string with its NUL, so that later changes by other
 * vCPUs cannot matter. The length without the NUL; -EFAULT when RAM ends before
 * the NUL, -ENAMETOOLONG when size bytes do not hold it.
 */
ptrdiff_t gmem_string(const struct gmem *mem, struct uhyve_gpa gpa, char *to,
		      size_t size);

#endif
