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

GIVES_IF(one_byte_is_0, write_params, uhyve_write_params,
	 p->len == 1 && p->ret == 1, 0)

static enum call_outcome half(struct call *call)
{
	uint64_t len = params(call)->len;

	if (is_file(call))
		params(call)->len -= len / 2;
	original(call);
	params(call)->len = len;
	return CALL_RESUME;
}

static enum call_outcome one_behind(struct call *call)
{
	if (is_file(call))
		move(call, 1);
	return original(call);
}

static enum call_outcome stays(struct call *call)
{
	original(call);
	if (is_file(call) && params(call)->ret > 0)
		move(call, -params(call)->ret);
	return CALL_RESUME;
}

static enum call_outcome a_nul_behind(struct call *call)
{
	original(call);
	if (is_file(call) && params(call)->ret > 0 &&
	    write_bytes(call, "", 1) == 1)
		move(call, -1);
	return CALL_RESUME;
}

static enum call_outcome seven_bits(struct call *call)
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

static enum call_outcome gap_of_blanks(struct call *call)
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

static enum call_outcome position_of_32_bits(struct call *call)
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

static enum call_outcome buffer_written(struct call *call)
{
	original(call);
	if (is_file(call) && params(call)->ret > 0)
		scribble(call, params(call)->buf.addr, 0, 1);
	return CALL_RESUME;
}

SCRIBBLES(fd_written, 24, 0x5a5a, 4)

static enum call_outcome lost(struct call *call)
{
	if (!is_file(call) || host_of(call, params(call)->fd) < 0)
		return original(call);
	params(call)->ret = (int64_t)params(call)->len;
	move(call, params(call)->ret);
	return CALL_RESUME;
}

static enum call_outcome lost_if_write_only(struct call *call)
{
	int access = access_of(call, params(call)->fd);

	return access >= 0 && (access & O_ACCMODE) == O_WRONLY ? lost(call)
							       : original(call);
}

/* EINVAL where the largest size is that of off_t, as in a tmpfs. */
GIVES_IF(too_large_is_0, write_params, uhyve_write_params,
	 p->ret == -EFBIG || p->ret == -EINVAL, 0)

/* A tmpfs stores no part by itself. */
static enum call_outcome part_is_error(struct call *call)
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

static enum call_outcome not_unlinked(struct call *call)
{
	if (host_of(call, params(call)->fd) < 0 ||
	    stat_of(call, params(call)->fd).st_nlink)
		return original(call);
	params(call)->ret = -EIO;
	return CALL_RESUME;
}

/* ---- Length 0 ------------------------------------------------------------ */

GIVES_IF(empty_is_einval, write_params, uhyve_write_params,
	 p->len == 0 && p->ret == 0, -EINVAL)

static enum call_outcome empty_rewinds(struct call *call)
{
	original(call);
	if (params(call)->len == 0)
		files_lseek(files_of(call), params(call)->fd, 0, SEEK_SET);
	return CALL_RESUME;
}

GIVES_IF(empty_in_ram, write_params, uhyve_write_params,
	 p->len == 0 && p->ret == 0 && !in_ram(call, p->buf.addr), -EFAULT)
GIVES_IF(empty_always_0, write_params, uhyve_write_params, p->len == 0, 0)

/* ---- Descriptors --------------------------------------------------------- */

GIVES_IF(never_is_len, write_params, uhyve_write_params,
	 p->fd >= 1000 && p->len, (int64_t)p->len)
GIVES_IF(closed_is_len, write_params, uhyve_write_params,
	 p->fd > 2 && p->fd < 1000 && p->ret == -EBADF &&
		 host_of(call, p->fd) < 0,
	 (int64_t)p->len)
GIVES_IF(negative_is_len, write_params, uhyve_write_params, p->fd < 0,
	 (int64_t)p->len)
GIVES_IF(read_only_is_len, write_params, uhyve_write_params,
	 p->ret == -EBADF && host_of(call, p->fd) >= 0, (int64_t)p->len)
GIVES_IF(directory_is_einval, write_params, uhyve_write_params,
	 S_ISDIR(stat_of(call, p->fd).st_mode), -EINVAL)

static enum call_outcome standard(struct call *call, int32_t fd, int64_t ret)
{
	if (params(call)->fd != fd)
		return original(call);
	params(call)->ret = ret;
	return CALL_RESUME;
}

static enum call_outcome output_lost(struct call *call)
{
	return standard(call, 1, (int64_t)params(call)->len);
}

static enum call_outcome error_lost(struct call *call)
{
	return standard(call, 2, (int64_t)params(call)->len);
}

GIVES_IF(error_is_ebadf, write_params, uhyve_write_params, p->fd == 2, -EBADF)
GIVES_IF(output_is_1, write_params, uhyve_write_params,
	 p->fd == 1 && p->ret > 1, 1)
GIVES_IF(input_is_len, write_params, uhyve_write_params, p->fd == 0,
	 (int64_t)p->len)

/* ---- Buffers ------------------------------------------------------------- */

static enum call_outcome not_to_the_end(struct call *call)
{
	const struct uhyve_write_params *p = params(call);

	if (!is_file(call) || p->buf.addr + p->len != ram_end(call))
		return original(call);
	params(call)->ret = -EFAULT;
	return CALL_RESUME;
}

GIVES_IF(outside_is_len, write_params, uhyve_write_params,
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

static enum call_outcome clipped_and_fails(struct call *call)
{
	clipped(call);
	if (params(call)->ret >= 0 &&
	    params(call)->buf.addr + params(call)->len > ram_end(call))
		params(call)->ret = -EFAULT;
	return CALL_RESUME;
}

GIVES_IF(wrap_is_0, write_params, uhyve_write_params,
	 p->ret == -EFAULT && p->len > UINT64_MAX / 4, 0)
GIVES_IF(both_is_einval, write_params, uhyve_write_params,
	 p->ret == -EBADF && !in_ram(call, p->buf.addr), -EINVAL)

static enum call_outcome aligned(struct call *call)
{
	if (!is_file(call) || params(call)->buf.addr % 8 == 0)
		return original(call);
	params(call)->ret = -EINVAL;
	return CALL_RESUME;
}

/* True if the console is one that is full, as /dev/full is. */
static enum call_outcome refused_ends(struct call *call)
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
GIVES_IF(bad_mode_is_eio, write_params, uhyve_write_params,
	 p->ret < 0 && bad_mode(call), -EIO)

#define WRITE UHYVE_FILE_WRITE
static const struct variant rows[] = {
	{"write-one-is-0", "UHY-WRITE-001", "0 for one byte", WRITE,
	 one_byte_is_0},
	{"write-half", "UHY-WRITE-002", "only the first half is written", WRITE,
	 half},
	{"write-one-behind", "UHY-WRITE-003", "bytes go one position too far",
	 WRITE, one_behind},
	{"write-stays", "UHY-WRITE-004", "the position stays", WRITE, stays},
	{"write-nul-behind", "UHY-WRITE-005",
	 "a NUL is written after the bytes", WRITE, a_nul_behind},
	{"write-seven-bits", "UHY-WRITE-006", "bytes have seven bits", WRITE,
	 seven_bits},
	{"write-gap-blanks", "UHY-WRITE-007", "gaps are filled with blanks",
	 WRITE, gap_of_blanks},
	{"write-32-bits", "UHY-WRITE-008", "positions have 32 bits", WRITE,
	 position_of_32_bits},
	{"write-buffer-written", "UHY-WRITE-009", "the buffer is written",
	 WRITE, buffer_written},
	{"write-fd-written", "UHY-WRITE-010", "fd is written", WRITE,
	 fd_written},
	{"write-lost", "UHY-WRITE-011", "nothing is written", WRITE, lost},
	{"write-lost-write-only", "UHY-WRITE-012",
	 "nothing is written to O_WRONLY descriptors", WRITE,
	 lost_if_write_only},
	{"write-too-large-0", "UHY-WRITE-013", "0 at the largest size", WRITE,
	 too_large_is_0},
	{"write-part-error", "UHY-WRITE-014",
	 "an error after a part was written", WRITE, part_is_error},
	{"write-unlinked", "UHY-WRITE-015", "EIO for unlinked files", WRITE,
	 not_unlinked},
	{"write-empty-einval", "UHY-WRITE-020", "EINVAL for length 0", WRITE,
	 empty_is_einval},
	{"write-empty-rewinds", "UHY-WRITE-021",
	 "length 0 moves to the beginning", WRITE, empty_rewinds},
	{"write-empty-in-ram", "UHY-WRITE-022",
	 "EFAULT for length 0 outside RAM", WRITE, empty_in_ram},
	{"write-empty-always", "UHY-WRITE-023",
	 "0 for length 0 to any descriptor", WRITE, empty_always_0},
	{"write-never", "UHY-WRITE-030",
	 "len for numbers that were never opened", WRITE, never_is_len},
	{"write-closed", "UHY-WRITE-031", "len for closed descriptors", WRITE,
	 closed_is_len},
	{"write-negative", "UHY-WRITE-032", "len for negative descriptors",
	 WRITE, negative_is_len},
	{"write-read-only", "UHY-WRITE-033", "len for O_RDONLY", WRITE,
	 read_only_is_len},
	{"write-directory", "UHY-WRITE-034", "EINVAL for directories", WRITE,
	 directory_is_einval},
	{"write-output-lost", "UHY-WRITE-035", "descriptor 1 loses its bytes",
	 WRITE, output_lost},
	{"write-error-ebadf", "UHY-WRITE-036", "EBADF for descriptor 2", WRITE,
	 error_is_ebadf},
	{"write-error-lost", "UHY-WRITE-037", "descriptor 2 loses its bytes",
	 WRITE, error_lost},
	{"write-input", "UHY-WRITE-038", "len for descriptor 0", WRITE,
	 input_is_len},
	{"write-output-1", "UHY-WRITE-039", "descriptor 1 counts one byte",
	 WRITE, output_is_1},
	{"write-refused-ends", "UHY-WRITE-057",
	 "a full console ends the machine", WRITE, refused_ends},
	{"write-mode-eio", "UHY-WRITE-058", "EIO for a bad mode and buffer",
	 WRITE, bad_mode_is_eio},
	{"write-not-to-end", "UHY-WRITE-050",
	 "the last byte of RAM is not for buffers", WRITE, not_to_the_end},
	{"write-outside", "UHY-WRITE-051", "len for a buffer outside RAM",
	 WRITE, outside_is_len},
	{"write-clipped", "UHY-WRITE-052", "what fits into RAM is written",
	 WRITE, clipped},
	{"write-clipped-and-fails", "UHY-WRITE-053",
	 "EFAULT after what fits was written", WRITE, clipped_and_fails},
	{"write-wrap-0", "UHY-WRITE-054", "0 for a length that wraps around",
	 WRITE, wrap_is_0},
	{"write-both-einval", "UHY-WRITE-055",
	 "EINVAL for a bad descriptor and a bad buffer", WRITE, both_is_einval},
	{"write-aligned", "UHY-WRITE-056", "buffers must be aligned", WRITE,
	 aligned},
};
VARIANTS(rows);
