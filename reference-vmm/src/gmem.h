/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Guest memory. This is the only file pair that turns a guest address into a
 * pointer; it holds the one range rule (UHY-PTR).
 */
#ifndef GMEM_H
#define GMEM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uhyve_interface/v2.h>

/* Guest RAM: guest-physical [start, start + size) lies at host. */
struct gmem {
	char *host;
	uint64_t start; /* first guest-physical address */
	uint64_t size;  /* bytes */
};

/*
 * Comments that begin with an at sign are contracts. `make prove` checks for
 * all inputs that the functions keep them; their integers are unbounded.
 */
/*@
  // The range rule.
  predicate in_ram(struct gmem *mem, integer addr, integer len) =
    len == 0 ||
    (mem->start <= addr && addr + len <= mem->start + mem->size);

  // All of guest RAM is memory of ours.
  predicate ram_is_host_memory(struct gmem *mem) =
    mem->host != \null && mem->size > 0 &&
    \valid(mem->host + (0 .. mem->size - 1));

  // [p, p + len) is the host's memory of the range.
  predicate is_memory_of(
    char *p, struct gmem *mem, integer addr, integer len) =
    p == mem->host + (addr - mem->start) && \valid(p + (0 .. len - 1));
*/

/*
 * True if [addr, addr + len) lies wholly in RAM, in unbounded integers: a range
 * that wraps around does not. A range of length 0 is valid at any address.
 */
/*@
  requires \valid_read(mem);
  assigns \nothing;
  ensures \result <==> in_ram(mem, addr, len);
*/
bool gmem_valid(const struct gmem *mem, uint64_t addr, uint64_t len);

/*
 * The host's pointer to [gpa, gpa + len), or NULL when the range is not valid.
 * For len 0 some pointer that is not NULL and must not be dereferenced.
 */
/*@
  requires \valid_read(mem) && ram_is_host_memory(mem);
  assigns \result \from mem->host, mem->start, gpa;
  ensures \result == \null <==> !in_ram(mem, gpa.addr, len);
  ensures in_ram(mem, gpa.addr, len) && len > 0 ==>
    is_memory_of((char *)\result, mem, gpa.addr, len);
  ensures len == 0 ==> (char *)\result == mem->host;
*/
void *gmem_at(const struct gmem *mem, struct uhyve_gpa gpa, uint64_t len);

/*
 * Copies len bytes from or to guest memory; 0, or -EFAULT and nothing copied.
 */
/*@
  requires \valid_read(mem) && ram_is_host_memory(mem);
  // Also with len 0 the pointer is good, as the C library wants it.
  requires \valid((char *)to) && \valid((char *)to + (0 .. len - 1));
  requires \separated(
    (char *)to + (0 .. len - 1), mem, mem->host + (0 .. mem->size - 1));
  assigns ((char *)to)[0 .. len - 1];
  ensures \result == 0 || \result == -EFAULT;
  ensures \result == 0 <==> in_ram(mem, gpa.addr, len);
  ensures \result != 0 ==> \forall integer i; 0 <= i < len ==>
    ((char *)to)[i] == \old(((char *)to)[i]);
*/
int gmem_load(const struct gmem *mem, struct uhyve_gpa gpa, void *to,
	      size_t len);
/*@
  requires \valid_read(mem) && ram_is_host_memory(mem);
  requires \valid_read((char *)from);
  requires \valid_read((char *)from + (0 .. len - 1));
  requires \separated(
    (char *)from + (0 .. len - 1), mem, mem->host + (0 .. mem->size - 1));
  assigns mem->host[0 .. mem->size - 1];
  ensures \result == 0 || \result == -EFAULT;
  ensures \result == 0 <==> in_ram(mem, gpa.addr, len);
  ensures \result != 0 ==> \forall integer i; 0 <= i < mem->size ==>
    mem->host[i] == \old(mem->host[i]);
*/
int gmem_store(const struct gmem *mem, struct uhyve_gpa gpa, const void *from,
	       size_t len);

/*
 * Copies a NUL-terminated string with its NUL, so that later changes by other
 * vCPUs cannot matter. The length without the NUL; -EFAULT when RAM ends before
 * the NUL, -ENAMETOOLONG when size bytes do not hold it.
 */
/*@
  requires \valid_read(mem) && ram_is_host_memory(mem);
  requires size < 0x7fffffff && \valid(to + (0 .. size - 1));
  requires \separated(
    to + (0 .. size - 1), mem, mem->host + (0 .. mem->size - 1));
  assigns to[0 .. size - 1];
  ensures \result == -EFAULT || \result == -ENAMETOOLONG ||
    0 <= \result < size;
  ensures \result >= 0 ==> in_ram(mem, gpa.addr, \result + 1);
  ensures \result >= 0 ==> to[\result] == '\0';
  ensures \result >= 0 ==>
    \forall integer i; 0 <= i < \result ==> to[i] != '\0';
  ensures \result == -ENAMETOOLONG ==>
    \forall integer i; 0 <= i < size ==> to[i] != '\0';
*/
ptrdiff_t gmem_string(const struct gmem *mem, struct uhyve_gpa gpa, char *to,
		      size_t size);

#endif
