/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Guest addresses become pointers here and nowhere else. */
#include "gmem.h"

#include <string.h>

bool gmem_valid(const struct gmem *mem, uint64_t addr, uint64_t len)
{
	if (len == 0)
		return true;
	if (addr < mem->start)
		return false;
	uint64_t offset = addr - mem->start;
	return offset < mem->size && len <= mem->size - offset;
}

void *gmem_at(const struct gmem *mem, struct uhyve_gpa gpa, uint64_t len)
{
	if (!gmem_valid(mem, gpa.addr, len))
		return NULL;
	if (len == 0)
		return mem->host;
	return mem->host + (gpa.addr - mem->start);
}

int gmem_load(const struct gmem *mem, struct uhyve_gpa gpa, void *to,
	      size_t len)
{
	const void *from = gmem_at(mem, gpa, len);

	if (!from)
		return -EFAULT;
	memcpy(to, from, len);
	return 0;
}

int gmem_store(const struct gmem *mem, struct uhyve_gpa gpa, const void *from,
	       size_t len)
{
	void *to = gmem_at(mem, gpa, len);

	if (!to)
		return -EFAULT;
	memcpy(to, from, len);
	return 0;
}

ptrdiff_t gmem_string(const struct gmem *mem, struct uhyve_gpa gpa, char *to,
		      size_t size)
{
	if (!gmem_valid(mem, gpa.addr, 1))
		return -EFAULT;
	const char *from = mem->host + (gpa.addr - mem->start);
	uint64_t rest = mem->size - (gpa.addr - mem->start);
	/*@
	  loop invariant 0 <= i <= size && i <= rest;
	  loop invariant \forall integer j; 0 <= j < i ==> to[j] != '\0';
	  loop assigns i, to[0 .. size - 1];
	  loop variant size - i;
	*/
	for (size_t i = 0; i < size; i++) {
		if (i == rest)
			return -EFAULT;
		to[i] = from[i];
		if (to[i] == '\0')
			return (ptrdiff_t)i;
	}
	return -ENAMETOOLONG;
}
