/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <uhyve_interface/v2.h>

/* open(2)'s flags; the numbers differ between the host's architectures. */
static int host_flags(int32_t flags)
{
	static const struct {
		int32_t guest;
		int host;
	} same[] = {
		{UHYVE_O_WRONLY, O_WRONLY},       {UHYVE_O_RDWR, O_RDWR},
		{UHYVE_O_CREAT, O_CREAT},         {UHYVE_O_EXCL, O_EXCL},
		{UHYVE_O_TRUNC, O_TRUNC},         {UHYVE_O_APPEND, O_APPEND},
		{UHYVE_O_DIRECTORY, O_DIRECTORY},
	};
	int host = 0;

	for (unsigned i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (flags & same[i].guest)
			host |= same[i].host;
	return host;
}

int files_open(struct files *files, const char *path, int32_t flags,
	       int32_t mode)
{
	flags &= UHYVE_O_ALLOWED; /* UHY-OPEN-040 */
	if ((flags & UHYVE_O_ACCMODE) == UHYVE_O_ACCMODE)
		return -EINVAL; /* UHY-OPEN-041 */
	if ((flags & UHYVE_O_CREAT) && (flags & UHYVE_O_DIRECTORY))
		return -EINVAL; /* UHY-OPEN-023 */
	/* UHY-OPEN-017. Without O_CREAT openat2 refuses a mode. */
	if (!(flags & UHYVE_O_CREAT)) {
		flags &= ~UHYVE_O_EXCL;
		mode = 0;
	}
	/* UHY-OPEN-026: before a file is created or cut. */
	int error = descriptors_reserve(&files->descriptors);
	if (error)
		return error;
	/* UHY-OPEN-020: permission bits only. */
	int host = names_open(&files->names, path, host_flags(flags),
			      (mode_t)mode & 0777);
	if (host >= 0)
		return descriptors_add(&files->descriptors, host);
	descriptors_unreserve(&files->descriptors);
	return host;
}

int files_close(struct files *files, int32_t fd)
{
	if (fd >= 0 && fd < DESCRIPTORS_FIRST)
		return 0; /* UHY-CLOSE-005 */
	return descriptors_close(&files->descriptors, fd);
}

/*
 * What to do after a host call failed: 0 to try again, otherwise -errno. EAGAIN
 * comes from pipes and terminals, since files are opened with O_NONBLOCK.
 */
static int after_failure(const struct files *files, int host, short events)
{
	if (errno == EAGAIN)
		return stop_wait(files->stop, host, events);
	if (errno == EINTR && !stop_is(files->stop))
		return 0;
	return -errno;
}

static bool is_directory(int host)
{
	struct stat info;

	return fstat(host, &info) == 0 && S_ISDIR(info.st_mode);
}

/*
 * UHY-READ-006, -009: the host refuses a read that would end above 2^63 - 1, where no
 * file has bytes. True if len is less now.
 */
static bool cut_off(int host, size_t *len)
{
	int64_t position = lseek(host, 0, SEEK_CUR);

	errno = EINVAL;
	if (position < 0 || *len <= (uint64_t)(INT64_MAX - position))
		return false;
	*len = (uint64_t)(INT64_MAX - position);
	return true;
}

static int64_t read_host(const struct files *files, int host, void *to,
			 size_t len)
{
	for (;;) {
		ssize_t n = read(host, to, len);
		if (n >= 0)
			return n;
		/* Also at a position that the host refuses first. */
		if (errno == EINVAL && is_directory(host))
			return -EISDIR; /* UHY-READ-034 */
		if (errno == EINVAL && cut_off(host, &len))
			continue;
		int error = after_failure(files, host, POLLIN);
		if (error)
			return error;
	}
}

/* UHY-READ-051, UHY-WRITE-051: where the descriptor allows the call. */
static int bad_buffer(int host, int wrong_mode)
{
	int flags = fcntl(host, F_GETFL);

	return (flags & O_ACCMODE) == wrong_mode ? -EBADF : -EFAULT;
}

int64_t files_read(struct files *files, int32_t fd, void *to, size_t len)
{
	if (fd == STDIN_FILENO)
		return to ? console_read(files->console, to, len, true)
			  : -EFAULT;
	struct descriptor *descriptor =
		descriptors_get(&files->descriptors, fd);
	if (!descriptor)
		return -EBADF;
	int64_t n = to ? read_host(files, descriptor->host, to, len)
		       : bad_buffer(descriptor->host, O_WRONLY);
	descriptors_put(descriptor);
	return n;
}

/*
 * UHY-OPEN-034: the host refuses to write at a position near 2^63 before it
 * checks that the descriptor appends. True if another try is worthwhile.
 */
static bool moved_to_end(int host)
{
	return errno == EINVAL && (fcntl(host, F_GETFL) & O_APPEND) &&
	       lseek(host, 0, SEEK_END) >= 0;
}

/* Writes until all is written; after a failure the count, if there is one. */
static int64_t write_host(const struct files *files, int host, const char *from,
			  size_t len)
{
	size_t done = 0;

	do {
		ssize_t n = write(host, from + done, len - done);
		if (n < 0 && moved_to_end(host))
			n = write(host, from + done, len - done);
		int error = n == 0 && len ? -EIO : 0;
		if (n < 0)
			error = after_failure(files, host, POLLOUT);
		else
			done += (size_t)n;
		if (error)
			return done ? (int64_t)done : error;
	} while (done < len);
	return (int64_t)done;
}

static int64_t write_console(struct files *files, const void *from, size_t len)
{
	if (!from)
		return -EFAULT;
	console_write(files->console, from, len);
	return (int64_t)len;
}

int64_t files_write(struct files *files, int32_t fd, const void *from,
		    size_t len)
{
	if (fd == STDOUT_FILENO || fd == STDERR_FILENO)
		return write_console(files, from, len);
	struct descriptor *descriptor =
		descriptors_get(&files->descriptors, fd);
	if (!descriptor)
		return -EBADF;
	int64_t n = from ? write_host(files, descriptor->host, from, len)
			 : bad_buffer(descriptor->host, O_RDONLY);
	descriptors_put(descriptor);
	return n;
}

int64_t files_lseek(struct files *files, int32_t fd, int64_t offset,
		    uint32_t whence)
{
	static const int host_whence[] = {
		[UHYVE_SEEK_SET] = SEEK_SET,   [UHYVE_SEEK_CUR] = SEEK_CUR,
		[UHYVE_SEEK_END] = SEEK_END,   [UHYVE_SEEK_DATA] = SEEK_DATA,
		[UHYVE_SEEK_HOLE] = SEEK_HOLE,
	};

	if (fd >= 0 && fd < DESCRIPTORS_FIRST)
		return -ESPIPE; /* UHY-LSEEK-030 */
	if (whence >= sizeof(host_whence) / sizeof(host_whence[0]))
		return -EINVAL; /* UHY-LSEEK-023 */
	struct descriptor *descriptor =
		descriptors_get(&files->descriptors, fd);
	if (!descriptor)
		return -EBADF;
	int64_t position = lseek(descriptor->host, offset, host_whence[whence]);
	if (position < 0)
		position = -errno;
	descriptors_put(descriptor);
	return position;
}

int64_t files_getdents(struct files *files, int32_t fd, void *to, size_t len)
{
	struct descriptor *descriptor =
		descriptors_get(&files->descriptors, fd);

	if (!descriptor)
		return -EBADF;
	/* The kernel's records are the interface's; its length is 32 bits. */
	int64_t n = syscall(SYS_getdents64, descriptor->host, to,
			    len < INT_MAX ? (unsigned)len : (unsigned)INT_MAX);
	if (n < 0)
		n = -errno;
	descriptors_put(descriptor);
	return n;
}

int files_fstat(struct files *files, int32_t fd, struct stat *st)
{
	struct descriptor *descriptor =
		descriptors_get(&files->descriptors, fd);

	if (!descriptor)
		return -EBADF;
	int error = fstat(descriptor->host, st) < 0 ? -errno : 0;
	descriptors_put(descriptor);
	return error;
}
