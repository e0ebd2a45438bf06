/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The C library's memory functions, and where RAM is. */
#include "test.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	return memmove(to, from, n);
}

void *memmove(void *to, const void *from, size_t n)
{
	char *d = to;
	const char *s = from;
	if (d < s)
		for (size_t i = 0; i < n; i++)
			d[i] = s[i];
	else
		while (n--)
			d[n] = s[n];
	return to;
}

/* By words where it can: some hosts interpret every instruction of a guest. */
void *memset(void *to, int byte, size_t n)
{
	unsigned char *d = to;
	uint64_t word = 0x0101010101010101 * (unsigned char)byte;
	for (; n && ((uintptr_t)d & 7); n--)
		*d++ = (unsigned char)byte;
	for (; n >= 8; n -= 8, d += 8)
		*(uint64_t *)(void *)d = word;
	while (n--)
		*d++ = (unsigned char)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;
	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;
	while (s[n])
		n++;
	return n;
}

uint64_t ram_start(void)
{
	return boot_info->ram_start;
}

uint64_t ram_end(void)
{
	return boot_info->ram_end;
}

uint8_t *ram_tail(size_t len)
{
	map_ram(ram_end() - len, len);
	return (uint8_t *)(uintptr_t)(ram_end() - len);
}
