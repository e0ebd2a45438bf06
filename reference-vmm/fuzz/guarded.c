/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

#define PAGE 4096

uint8_t *guarded_alloc(size_t size)
{
	uint8_t *all = mmap(NULL, size + 2 * PAGE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	PROMISE(all != MAP_FAILED);
	PROMISE(mprotect(all + PAGE, size, PROT_READ | PROT_WRITE) == 0);
	return all + PAGE;
}

void guarded_free(uint8_t *memory, size_t size)
{
	munmap(memory - PAGE, size + 2 * PAGE);
}

int fuzz_file(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	PROMISE(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	return fd;
}
