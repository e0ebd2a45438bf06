/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileWrite. */
#include "file.h"

static struct uhyve_write_params *params(struct call *call)
{
	return &call->block.write_params;
}

static int64_t position_of(struct call *call)
{
	return files_lseek(files_of(call), params(call)->fd, 0, SEEK_CUR);
}

static void move(struct call *call, int64_t n)
{
	files_lseek(files_of(call), params(call)->fd, n, SEEK_CUR);
}

static bool is_file(const struct call *call)
{
	return call->block.write_params.fd > 2;
}

/* The write as it would be from other bytes of the host. */
static int64_t write_bytes(struct call *call, const void *bytes, size_t len)
{
	return files_write(files_of(call), params(call)->fd, bytes, len);
}

/* ---- Bytes and counts ---------------------------------------------------- */

GIVES(WRITE, "write-one-is-0", "UHY-WRITE-001", "0 for one byte",
      p->len == 1 && p->ret == 1, 0)

HANDLER(WRITE, "write-half", "UHY-WRITE-002", "only the first half is written")
{
	uint64_t len = params(call)->len;

	if (is_file(call))
		params(call)->len -= len / 2;
	original(call);
	params(call)->len = len;
	return CALL_RESUME;
}

HANDLER(WRITE, "write-one-behind", "UHY-WRITE-003",
	"bytes go one position too far")
{
	if (is_file(call))
		move(call, 1);
	return original(call);
}

AFTER(WRITE, "write-stays", "UHY-WRITE-004", "the position stays")
{
	if (is_file(call) && params(call)->ret > 0)
		move(call, -params(call)->ret);
}

AFTER(WRITE, "write-nul-behind", "UHY-WRITE-005",
      "a NUL is written after the bytes")
{
	if (is_file(call) && params(call)->ret > 0 &&
	    write_bytes(call, "", 1) == 1)
		move(call, -1);
}

HANDLER(WRITE, "write-seven-bits", "UHY-WRITE-006", "bytes have seven bits")
{
	struct uhyve_write_params *p = params(call);
	const uint8_t *from = gmem_at(&call->services->mem, p->buf, p->len);
	uint8_t copy[512];

	if (!is_file(call) || !from || p->len > sizeof(copy))
		return original(call);
	for (size_t i = 0; i < p->len; i++)
		copy[i] = from[i] & 0x7f;
	p->ret = write_bytes(call, copy, p->len);
	return CALL_RESUME;
}

HANDLER(WRITE, "write-gap-blanks", "UHY-WRITE-007",
	"gaps are filled with blanks")
{
	int64_t position = position_of(call);
	int64_t size = stat_of(call, params(call)->fd).st_size;

	if (is_file(call) && position > size && position < size + 64) {
		files_lseek(files_of(call), params(call)->fd, 0, SEEK_END);
		while (size++ < position)
			write_bytes(call, " ", 1);
	}
	return original(call);
}

HANDLER(WRITE, "write-32-bits", "UHY-WRITE-008", "positions have 32 bits")
{
	int64_t position = position_of(call);

	if (position >> 32 <= 0)
		return original(call);
	files_lseek(files_of(call), params(call)->fd, (uint32_t)position,
		    SEEK_SET);
	original(call);
	move(call, position - (uint32_t)position);
	return CALL_RESUME;
}

AFTER(WRITE, "write-buffer-written", "UHY-BLOCK-027", "the buffer is written")
{
	if (is_file(call) && params(call)->ret > 0)
		scribble(call, params(call)->buf.addr, 0, 1);
}

SCRIBBLES(WRITE, "write-fd-written", "UHY-BLOCK-020", "fd is written", 24,
	  0x5a5a, 4)

static enum call_outcome lost(struct call *call)
{
	if (!is_file(call) || host_of(call, params(call)->fd) < 0)
		return original(call);
	params(call)->ret = (int64_t)params(call)->len;
	move(call, params(call)->ret);
	return CALL_RESUME;
}

HANDLER(WRITE, "write-lost-write-only", "UHY-WRITE-012",
	"nothing is written to O_WRONLY descriptors")
{
	int access = access_of(call, params(call)->fd);

	return access >= 0 && (access & O_ACCMODE) == O_WRONLY ? lost(call)
							       : original(call);
}

/* EINVAL where the largest size is that of off_t, as in a tmpfs. */
GIVES(WRITE, "write-too-large-0", "UHY-WRITE-013", "0 at the largest size",
      p->ret == -EFBIG || p->ret == -EINVAL, 0)

/* A tmpfs stores no part by itself. */
HANDLER(WRITE, "write-part-error", "UHY-WRITE-014",
	"an error after a part was written")
{
	struct uhyve_write_params *p = params(call);
	const void *from = gmem_at(&call->services->mem, p->buf, p->len);

	original(call);
	if (!is_file(call) || !from || p->ret == (int64_t)p->len)
		return CALL_RESUME;
	if (p->ret < 0)
		write_bytes(call, from, 1);
	p->ret = -EFBIG;
	return CALL_RESUME;
}

HANDLER(WRITE, "write-unlinked", "UHY-WRITE-015", "EIO for unlinked files")
{
	if (host_of(call, params(call)->fd) < 0 ||
	    stat_of(call, params(call)->fd).st_nlink)
		return original(call);
	params(call)->ret = -EIO;
	return CALL_RESUME;
}

/* ---- Length 0 ------------------------------------------------------------ */

GIVES(WRITE, "write-empty-einval", "UHY-WRITE-020", "EINVAL for length 0",
      p->len == 0 && p->ret == 0, -EINVAL)

AFTER(WRITE, "write-empty-rewinds", "UHY-WRITE-021",
      "length 0 moves to the beginning")
{
	if (params(call)->len == 0)
		files_lseek(files_of(call), params(call)->fd, 0, SEEK_SET);
}

GIVES(WRITE, "write-empty-in-ram", "UHY-WRITE-022",
      "EFAULT for length 0 outside RAM",
      p->len == 0 && p->ret == 0 && !in_ram(call, p->buf.addr), -EFAULT)
GIVES(WRITE, "write-empty-always", "UHY-ERR-009",
      "0 for length 0 to any descriptor", p->len == 0, 0)

/* ---- Descriptors --------------------------------------------------------- */

GIVES(WRITE, "write-never", "UHY-ERR-009",
      "len for numbers that were never opened", p->fd >= 1000 && p->len,
      (int64_t)p->len)
GIVES(WRITE, "write-closed", "UHY-ERR-009", "len for closed descriptors",
      p->fd > 2 && p->fd < 1000 && p->ret == -EBADF && host_of(call, p->fd) < 0,
      (int64_t)p->len)
GIVES(WRITE, "write-negative", "UHY-ERR-008", "len for negative descriptors",
      p->fd < 0, (int64_t)p->len)
GIVES(WRITE, "write-read-only", "UHY-WRITE-033", "len for O_RDONLY",
      p->ret == -EBADF && host_of(call, p->fd) >= 0, (int64_t)p->len)
GIVES(WRITE, "write-directory", "UHY-WRITE-034", "EINVAL for directories",
      S_ISDIR(stat_of(call, p->fd).st_mode), -EINVAL)

static enum call_outcome standard(struct call *call, int32_t fd, int64_t ret)
{
	if (params(call)->fd != fd)
		return original(call);
	params(call)->ret = ret;
	return CALL_RESUME;
}

HANDLER(WRITE, "write-output-lost", "UHY-WRITE-035",
	"descriptor 1 loses its bytes")
{
	return standard(call, 1, (int64_t)params(call)->len);
}

HANDLER(WRITE, "write-error-lost", "UHY-WRITE-037",
	"descriptor 2 loses its bytes")
{
	return standard(call, 2, (int64_t)params(call)->len);
}

GIVES(WRITE, "write-error-ebadf", "UHY-WRITE-036", "EBADF for descriptor 2",
      p->fd == 2, -EBADF)
GIVES(WRITE, "write-output-1", "UHY-WRITE-039", "descriptor 1 counts one byte",
      p->fd == 1 && p->ret > 1, 1)
GIVES(WRITE, "write-input", "UHY-WRITE-038", "len for descriptor 0", p->fd == 0,
      (int64_t)p->len)

/* ---- Buffers ------------------------------------------------------------- */

HANDLER(WRITE, "write-not-to-end", "UHY-PTR-003",
	"the last byte of RAM is not for buffers")
{
	const struct uhyve_write_params *p = params(call);

	if (!is_file(call) || p->buf.addr + p->len != ram_end(call))
		return original(call);
	params(call)->ret = -EFAULT;
	return CALL_RESUME;
}

GIVES(WRITE, "write-outside", "UHY-WRITE-051", "len for a buffer outside RAM",
      p->ret == -EFAULT && !in_ram(call, p->buf.addr), (int64_t)p->len)

/* Writes what fits into RAM. */
static enum call_outcome clipped(struct call *call)
{
	struct uhyve_write_params *p = params(call);
	uint64_t len = p->len;

	p->len = fitting(call, p->buf.addr, len);
	original(call);
	p->len = len;
	return CALL_RESUME;
}

HANDLER(WRITE, "write-clipped-and-fails", "UHY-PTR-018",
	"EFAULT after what fits was written")
{
	clipped(call);
	if (params(call)->ret >= 0 &&
	    params(call)->buf.addr + params(call)->len > ram_end(call))
		params(call)->ret = -EFAULT;
	return CALL_RESUME;
}

GIVES(WRITE, "write-wrap-0", "UHY-PTR-016", "0 for a length that wraps around",
      p->ret == -EFAULT && p->len > UINT64_MAX / 4, 0)
GIVES(WRITE, "write-both-einval", "UHY-WRITE-055",
      "EINVAL for a bad descriptor and a bad buffer",
      p->ret == -EBADF && !in_ram(call, p->buf.addr), -EINVAL)

HANDLER(WRITE, "write-aligned", "UHY-PTR-007", "buffers must be aligned")
{
	if (!is_file(call) || params(call)->buf.addr % 8 == 0)
		return original(call);
	params(call)->ret = -EINVAL;
	return CALL_RESUME;
}

/* True if the console is one that is full, as /dev/full is. */
HANDLER(WRITE, "write-refused-ends", "UHY-WRITE-057",
	"a full console ends the machine")
{
	struct stat st;

	if (call->block.write_params.fd != 1 || fstat(1, &st) < 0 ||
	    !S_ISCHR(st.st_mode) || write(1, "", 1) == 1)
		return original(call);
	call->fault = "the console takes nothing";
	return CALL_FAULT;
}

static bool bad_mode(struct call *call)
{
	const struct uhyve_write_params *p = &call->block.write_params;

	return host_of(call, p->fd) >= 0 &&
	       (access_of(call, p->fd) & O_ACCMODE) == O_RDONLY &&
	       !in_ram(call, p->buf.addr);
}
GIVES(WRITE, "write-mode-eio", "UHY-WRITE-058", "EIO for a bad mode and buffer",
      p->ret < 0 && bad_mode(call), -EIO)

MUTANT("write-lost", "UHY-WRITE-011", "nothing is written", .number = WRITE,
       .perform = lost);
MUTANT("write-clipped", "UHY-PTR-010", "what fits into RAM is written",
       .number = WRITE, .perform = clipped);
