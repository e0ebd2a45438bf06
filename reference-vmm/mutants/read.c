/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileRead. */
#include "file.h"

static struct uhyve_read_params *params(struct call *call)
{
	return &call->block.read_params;
}

/* The bytes that were stored; NULL if there are none. */
static uint8_t *stored(struct call *call)
{
	return params(call)->ret > 0
		       ? gmem_at(&call->services->mem, params(call)->buf,
				 (uint64_t)params(call)->ret)
		       : NULL;
}

AFTER(READ, "read-first-byte", "UHY-READ-001", "the first byte is wrong")
{
	if (params(call)->fd > 2 && stored(call))
		stored(call)[0] ^= 1;
}

GIVES(READ, "read-one-more", "UHY-READ-002", "the count is one too many",
      p->ret > 0 && (uint64_t)p->ret == p->len, p->ret + 1)

AFTER(READ, "read-seven-bits", "UHY-READ-003", "bytes have seven bits")
{
	for (int64_t i = 0; i < params(call)->ret; i++)
		stored(call)[i] &= 0x7f;
}

static void back(struct call *call, int64_t n)
{
	files_lseek(files_of(call), params(call)->fd, -n, SEEK_CUR);
}

AFTER(READ, "read-stays", "UHY-READ-004", "the position stays")
{
	if (params(call)->ret > 0)
		back(call, params(call)->ret);
}

static int64_t rest_of(struct call *call)
{
	return stat_of(call, params(call)->fd).st_size -
	       files_lseek(files_of(call), params(call)->fd, 0, SEEK_CUR);
}

GIVES(READ, "read-end-eio", "UHY-READ-005", "EIO at the end",
      p->ret == 0 && p->len && rest_of(call) == 0 && p->fd > 2, -EIO)

GIVES(READ, "read-behind-einval", "UHY-READ-006", "EINVAL beyond the end",
      p->ret == 0 && rest_of(call) < 0, -EINVAL)
GIVES(READ, "read-far-einval", "UHY-READ-006", "EINVAL far beyond the end",
      p->ret == 0 && rest_of(call) < -(INT64_C(1) << 40), -EINVAL)

HANDLER(READ, "read-64k", "UHY-READ-007", "at most 64 KiB are read")
{
	uint64_t len = params(call)->len;

	if (len > 0x10000)
		params(call)->len = 0x10000;
	original(call);
	params(call)->len = len;
	return CALL_RESUME;
}

HANDLER(READ, "read-clears-rest", "UHY-READ-008",
	"the byte after the counted ones is cleared")
{
	struct uhyve_read_params *p = params(call);
	enum call_outcome outcome = original(call);

	if (p->ret >= 0 && (uint64_t)p->ret < p->len)
		scribble(call, p->buf.addr + (uint64_t)p->ret, 0, 1);
	return outcome;
}

HANDLER(READ, "read-half-rest", "UHY-READ-009",
	"half of the last bytes is read")
{
	struct uhyve_read_params *p = params(call);

	original(call);
	if (p->ret > 1 && (uint64_t)p->ret < p->len) {
		back(call, p->ret / 2);
		p->ret -= p->ret / 2;
	}
	return CALL_RESUME;
}

SCRIBBLES(READ, "read-len-written", "UHY-BLOCK-020", "len is written", 0, 0x5a,
	  8)

AFTER(READ, "read-holes-ff", "UHY-READ-011", "holes read as 0xFF")
{
	if (stat_of(call, params(call)->fd).st_size > 1 << 20)
		for (int64_t i = 0; i < params(call)->ret; i++)
			if (stored(call)[i] == 0)
				stored(call)[i] = 0xff;
}

GIVES(READ, "read-unlinked", "UHY-READ-012", "EIO for unlinked files",
      p->ret >= 0 && p->fd > 2 && stat_of(call, p->fd).st_nlink == 0, -EIO)

HANDLER(READ, "read-aligned", "UHY-PTR-007", "buffers must be aligned")
{
	if (params(call)->buf.addr % 8 == 0)
		return original(call);
	params(call)->ret = -EINVAL;
	return CALL_RESUME;
}

GIVES(READ, "read-empty-einval", "UHY-READ-020", "EINVAL for length 0",
      p->len == 0 && p->ret == 0, -EINVAL)
GIVES(READ, "read-empty-in-ram", "UHY-READ-021",
      "EFAULT for length 0 outside RAM",
      p->len == 0 && p->ret == 0 && !in_ram(call, p->buf.addr), -EFAULT)
GIVES(READ, "read-empty-always", "UHY-ERR-009",
      "0 for length 0 of any descriptor", p->len == 0, 0)
GIVES(READ, "read-never-0", "UHY-ERR-009",
      "0 for numbers that were never opened", p->fd >= 1000 && p->len, 0)
GIVES(READ, "read-closed-0", "UHY-ERR-009", "0 for closed descriptors",
      p->fd > 2 && p->fd < 1000 && p->ret == -EBADF &&
	      host_of(call, p->fd) < 0 && p->len,
      0)
GIVES(READ, "read-negative-0", "UHY-ERR-008", "0 for negative descriptors",
      p->fd < 0, 0)
GIVES(READ, "read-write-only-0", "UHY-READ-033", "0 for O_WRONLY",
      p->ret == -EBADF && host_of(call, p->fd) >= 0, 0)
GIVES(READ, "read-directory-0", "UHY-READ-034", "0 for directories",
      p->ret == -EISDIR, 0)
GIVES(READ, "read-directory-ebadf", "UHY-READ-035", "EBADF instead of EISDIR",
      p->ret == -EISDIR, -EBADF)

AFTER(READ, "read-input-altered", "UHY-READ-036",
      "standard input comes with a wrong byte")
{
	if (params(call)->fd == 0 && stored(call))
		stored(call)[params(call)->ret - 1] ^= 0x20;
}

GIVES(READ, "read-input-eio", "UHY-READ-037",
      "EIO at the end of standard input", p->fd == 0 && p->ret == 0 && p->len,
      -EIO)

HANDLER(READ, "read-input-empty", "UHY-READ-038",
	"the first read of standard input gives 0")
{
	if (params(call)->fd != 0 || times() > 1)
		return original(call);
	params(call)->ret = 0;
	return CALL_RESUME;
}

GIVES(READ, "read-output-0", "UHY-READ-039", "0 for descriptors 1 and 2",
      p->fd == 1 || p->fd == 2, 0)

/* The host's file for descriptor 1. */
HANDLER(READ, "read-output-host", "UHY-READ-039",
	"the host's descriptor 1 is read")
{
	struct uhyve_read_params *p = &call->block.read_params;
	char bytes[64];

	if (p->fd != 1 || p->len > sizeof(bytes))
		return original(call);
	p->ret = read(1, bytes, p->len);
	p->ret = p->ret < 0 ? -errno : p->ret;
	return CALL_RESUME;
}

static bool bad_mode(struct call *call)
{
	const struct uhyve_read_params *p = &call->block.read_params;

	return host_of(call, p->fd) >= 0 &&
	       (access_of(call, p->fd) & O_ACCMODE) == O_WRONLY &&
	       !in_ram(call, p->buf.addr);
}
GIVES(READ, "read-mode-eio", "UHY-READ-057", "EIO for a bad mode and buffer",
      p->ret < 0 && bad_mode(call), -EIO)

HANDLER(READ, "read-directory-far", "UHY-READ-034",
	"EINVAL for a directory at the last position")
{
	struct uhyve_read_params *p = &call->block.read_params;

	original(call);
	if (p->ret == -EISDIR &&
	    lseek(host_of(call, p->fd), 0, SEEK_CUR) == INT64_MAX)
		p->ret = -EINVAL;
	return CALL_RESUME;
}

/* ---- Buffers ------------------------------------------------------------- */

static bool ends_at_the_end(const struct call *call)
{
	const struct uhyve_read_params *p = &call->block.read_params;

	return p->buf.addr + p->len == ram_end(call);
}

HANDLER(READ, "read-not-to-end", "UHY-PTR-003",
	"the last byte of RAM is not for buffers")
{
	if (!ends_at_the_end(call))
		return original(call);
	params(call)->ret = -EFAULT;
	return CALL_RESUME;
}

GIVES(READ, "read-outside-0", "UHY-READ-051", "0 for a buffer outside RAM",
      p->ret == -EFAULT && !in_ram(call, p->buf.addr), 0)

/* Reads as much as fits. */
HANDLER(READ, "read-clipped", "UHY-READ-052", "what fits into RAM is read")
{
	struct uhyve_read_params *p = params(call);
	uint64_t len = p->len;

	p->len = fitting(call, p->buf.addr, len);
	original(call);
	p->len = len;
	return CALL_RESUME;
}

GIVES(READ, "read-wrap-0", "UHY-PTR-016", "0 for a length that wraps around",
      p->ret == -EFAULT && in_ram(call, p->buf.addr) && p->len > UINT64_MAX / 4,
      0)
GIVES(READ, "read-both-einval", "UHY-READ-056",
      "EINVAL for a bad descriptor and a bad buffer",
      p->ret == -EBADF && !in_ram(call, p->buf.addr), -EINVAL)
