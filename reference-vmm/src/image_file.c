/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The file of an image: the one place where its bytes are read, and which linked
 * addresses have bytes in it.
 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int image_open(struct image *image, const char *path, struct why *why)
{
	*image = (struct image){0};
	image->fd = -1;
	/* O_NONBLOCK: a FIFO must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return refuse(why, "cannot open it: %s", strerror(errno));
	struct stat stat = {0};
	int result = 0;
	if (fstat(fd, &stat) < 0)
		result = refuse(why, "cannot read it: %s", strerror(errno));
	else if (!S_ISREG(stat.st_mode))
		result = refuse(why, "it is not a regular file");
	else if (stat.st_size == 0)
		result = refuse(why, "it is empty");
	image->fd = fd;
	image->size = (uint64_t)stat.st_size;
	if (result)
		image_close(image);
	return result;
}

void image_close(struct image *image)
{
	if (image->fd >= 0)
		close(image->fd);
	image->fd = -1;
}

int image_read(const struct image *image, uint64_t offset, void *to,
	       uint64_t len)
{
	uint8_t *at = to;
	if (len > image->size || offset > image->size - len)
		return -1;
	/*@
	  loop invariant at == (uint8_t *)to + (\at(len, Pre) - len);
	  loop invariant 0 <= len <= \at(len, Pre);
	  loop assigns at, offset, len, errno,
	    ((uint8_t *)to)[0 .. \at(len, Pre) - 1];
	*/
	while (len > 0) {
		ssize_t n = pread(image->fd, at, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += n;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return 0;
}

bool image_has(const struct image *image, uint64_t vaddr, uint64_t len)
{
	/*@
	  loop invariant 0 <= i <= image->segment_count;
	  loop invariant \forall integer j; 0 <= j < i ==>
	    !(image->segments[j].vaddr <= vaddr &&
	      vaddr + len <=
	        image->segments[j].vaddr + image->segments[j].filesz);
	  loop assigns i;
	  loop variant image->segment_count - i;
	*/
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct segment *segment = &image->segments[i];
		uint64_t offset = vaddr - segment->vaddr;
		if (vaddr >= segment->vaddr && offset <= segment->filesz &&
		    len <= segment->filesz - offset)
			return true;
	}
	return false;
}
