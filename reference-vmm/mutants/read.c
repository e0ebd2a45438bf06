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

static enum call_outcome first_byte_wrong(struct call *call)
{
	original(call);
	if (params(call)->fd > 2 && stored(call))
		stored(call)[0] ^= 1;
	return CALL_RESUME;
}

GIVES_IF(one_more, read_params, uhyve_read_params,
	 p->ret > 0 && (uint64_t)p->ret == p->len, p->ret + 1)

static enum call_outcome seven_bits(struct call *call)
{
	original(call);
	for (int64_t i = 0; i < params(call)->ret; i++)
		stored(call)[i] &= 0x7f;
	return CALL_RESUME;
}

static void back(struct call *call, int64_t n)
{
	files_lseek(files_of(call), params(call)->fd, -n, SEEK_CUR);
}

static enum call_outcome stays(struct call *call)
{
	original(call);
	if (params(call)->ret > 0)
		back(call, params(call)->ret);
	return CALL_RESUME;
}

static int64_t rest_of(struct call *call)
{
	return stat_of(call, params(call)->fd).st_size -
	       files_lseek(files_of(call), params(call)->fd, 0, SEEK_CUR);
}

static enum call_outcome end_is_eio(struct call *call)
{
	original(call);
	if (params(call)->ret == 0 && params(call)->len && rest_of(call) == 0 &&
	    params(call)->fd > 2)
		params(call)->ret = -EIO;
	return CALL_RESUME;
}

static enum call_outcome behind_is_einval(struct call *call)
{
	original(call);
	if (params(call)->ret == 0 && rest_of(call) < 0)
		params(call)->ret = -EINVAL;
	return CALL_RESUME;
}

static enum call_outcome at_most_64k(struct call *call)
{
	uint64_t len = params(call)->len;

	if (len > 0x10000)
		params(call)->len = 0x10000;
	original(call);
	params(call)->len = len;
	return CALL_RESUME;
}

static enum call_outcome clears_the_rest(struct call *call)
{
	struct uhyve_read_params *p = params(call);
	enum call_outcome outcome = original(call);

	if (p->ret >= 0 && (uint64_t)p->ret < p->len)
		scribble(call, p->buf.addr + (uint64_t)p->ret, 0, 1);
	return outcome;
}

static enum call_outcome half_of_the_rest(struct call *call)
{
	struct uhyve_read_params *p = params(call);

	original(call);
	if (p->ret > 1 && (uint64_t)p->ret < p->len) {
		back(call, p->ret / 2);
		p->ret -= p->ret / 2;
	}
	return CALL_RESUME;
}

SCRIBBLES(len_written, 0, 0x5a, 8)

static enum call_outcome holes_are_ff(struct call *call)
{
	original(call);
	if (stat_of(call, params(call)->fd).st_size > 1 << 20)
		for (int64_t i = 0; i < params(call)->ret; i++)
			if (stored(call)[i] == 0)
				stored(call)[i] = 0xff;
	return CALL_RESUME;
}

static enum call_outcome not_unlinked(struct call *call)
{
	original(call);
	if (params(call)->ret >= 0 && params(call)->fd > 2 &&
	    stat_of(call, params(call)->fd).st_nlink == 0)
		params(call)->ret = -EIO;
	return CALL_RESUME;
}

static enum call_outcome aligned(struct call *call)
{
	if (params(call)->buf.addr % 8 == 0)
		return original(call);
	params(call)->ret = -EINVAL;
	return CALL_RESUME;
}

GIVES_IF(empty_is_einval, read_params, uhyve_read_params,
	 p->len == 0 && p->ret == 0, -EINVAL)
GIVES_IF(empty_in_ram, read_params, uhyve_read_params,
	 p->len == 0 && p->ret == 0 && !in_ram(call, p->buf.addr), -EFAULT)
GIVES_IF(empty_always_0, read_params, uhyve_read_params, p->len == 0, 0)
GIVES_IF(never_is_0, read_params, uhyve_read_params, p->fd >= 1000 && p->len, 0)
GIVES_IF(closed_is_0, read_params, uhyve_read_params,
	 p->fd > 2 && p->fd < 1000 && p->ret == -EBADF &&
		 host_of(call, p->fd) < 0 && p->len,
	 0)
GIVES_IF(negative_is_0, read_params, uhyve_read_params, p->fd < 0, 0)
GIVES_IF(write_only_is_0, read_params, uhyve_read_params,
	 p->ret == -EBADF && host_of(call, p->fd) >= 0, 0)
GIVES(directory_is_0, read_params, -EISDIR, 0)
GIVES(directory_is_ebadf, read_params, -EISDIR, -EBADF)

static enum call_outcome input_altered(struct call *call)
{
	original(call);
	if (params(call)->fd == 0 && stored(call))
		stored(call)[params(call)->ret - 1] ^= 0x20;
	return CALL_RESUME;
}

GIVES_IF(input_ends_with_eio, read_params, uhyve_read_params,
	 p->fd == 0 && p->ret == 0 && p->len, -EIO)

static enum call_outcome input_empty_at_first(struct call *call)
{
	if (params(call)->fd != 0 || times() > 1)
		return original(call);
	params(call)->ret = 0;
	return CALL_RESUME;
}

GIVES_IF(output_is_0, read_params, uhyve_read_params, p->fd == 1 || p->fd == 2,
	 0)

/* The host's file for descriptor 1. */
static enum call_outcome output_of_the_host(struct call *call)
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
GIVES_IF(bad_mode_is_eio, read_params, uhyve_read_params,
	 p->ret < 0 && bad_mode(call), -EIO)

static enum call_outcome directory_afar(struct call *call)
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

static enum call_outcome not_to_the_end(struct call *call)
{
	if (!ends_at_the_end(call))
		return original(call);
	params(call)->ret = -EFAULT;
	return CALL_RESUME;
}

GIVES_IF(outside_is_0, read_params, uhyve_read_params,
	 p->ret == -EFAULT && !in_ram(call, p->buf.addr), 0)

/* Reads as much as fits. */
static enum call_outcome clipped(struct call *call)
{
	struct uhyve_read_params *p = params(call);
	uint64_t len = p->len;

	p->len = fitting(call, p->buf.addr, len);
	original(call);
	p->len = len;
	return CALL_RESUME;
}

static enum call_outcome stores_and_fails(struct call *call)
{
	original(call);
	if (params(call)->ret == -EFAULT)
		scribble(call, params(call)->buf.addr, 0x30, 1);
	return CALL_RESUME;
}

static enum call_outcome moves_and_fails(struct call *call)
{
	original(call);
	if (params(call)->ret == -EFAULT)
		back(call, -1);
	return CALL_RESUME;
}

GIVES_IF(wrap_is_0, read_params, uhyve_read_params,
	 p->ret == -EFAULT && in_ram(call, p->buf.addr) &&
		 p->len > UINT64_MAX / 4,
	 0)
GIVES_IF(both_is_einval, read_params, uhyve_read_params,
	 p->ret == -EBADF && !in_ram(call, p->buf.addr), -EINVAL)

#define READ UHYVE_FILE_READ
static const struct variant rows[] = {
	{"read-first-byte", "UHY-READ-001", "the first byte is wrong", READ,
	 first_byte_wrong},
	{"read-one-more", "UHY-READ-002", "the count is one too many", READ,
	 one_more},
	{"read-seven-bits", "UHY-READ-003", "bytes have seven bits", READ,
	 seven_bits},
	{"read-stays", "UHY-READ-004", "the position stays", READ, stays},
	{"read-end-eio", "UHY-READ-005", "EIO at the end", READ, end_is_eio},
	{"read-behind-einval", "UHY-READ-006", "EINVAL beyond the end", READ,
	 behind_is_einval},
	{"read-64k", "UHY-READ-007", "at most 64 KiB are read", READ,
	 at_most_64k},
	{"read-clears-rest", "UHY-READ-008",
	 "the byte after the counted ones is cleared", READ, clears_the_rest},
	{"read-half-rest", "UHY-READ-009", "half of the last bytes is read",
	 READ, half_of_the_rest},
	{"read-len-written", "UHY-READ-010", "len is written", READ,
	 len_written},
	{"read-holes-ff", "UHY-READ-011", "holes read as 0xFF", READ,
	 holes_are_ff},
	{"read-unlinked", "UHY-READ-012", "EIO for unlinked files", READ,
	 not_unlinked},
	{"read-aligned", "UHY-READ-013", "buffers must be aligned", READ,
	 aligned},
	{"read-empty-einval", "UHY-READ-020", "EINVAL for length 0", READ,
	 empty_is_einval},
	{"read-empty-in-ram", "UHY-READ-021", "EFAULT for length 0 outside RAM",
	 READ, empty_in_ram},
	{"read-empty-always", "UHY-READ-022",
	 "0 for length 0 of any descriptor", READ, empty_always_0},
	{"read-never-0", "UHY-READ-030", "0 for numbers that were never opened",
	 READ, never_is_0},
	{"read-closed-0", "UHY-READ-031", "0 for closed descriptors", READ,
	 closed_is_0},
	{"read-negative-0", "UHY-READ-032", "0 for negative descriptors", READ,
	 negative_is_0},
	{"read-write-only-0", "UHY-READ-033", "0 for O_WRONLY", READ,
	 write_only_is_0},
	{"read-directory-0", "UHY-READ-034", "0 for directories", READ,
	 directory_is_0},
	{"read-directory-ebadf", "UHY-READ-035", "EBADF instead of EISDIR",
	 READ, directory_is_ebadf},
	{"read-input-altered", "UHY-READ-036",
	 "standard input comes with a wrong byte", READ, input_altered},
	{"read-input-eio", "UHY-READ-037", "EIO at the end of standard input",
	 READ, input_ends_with_eio},
	{"read-input-empty", "UHY-READ-038",
	 "the first read of standard input gives 0", READ,
	 input_empty_at_first},
	{"read-output-0", "UHY-READ-039", "0 for descriptors 1 and 2", READ,
	 output_is_0},
	{"read-output-host", "UHY-READ-039", "the host's descriptor 1 is read",
	 READ, output_of_the_host},
	{"read-directory-far", "UHY-READ-034",
	 "EINVAL for a directory at the last position", READ, directory_afar},
	{"read-mode-eio", "UHY-READ-057", "EIO for a bad mode and buffer", READ,
	 bad_mode_is_eio},
	{"read-not-to-end", "UHY-READ-050",
	 "the last byte of RAM is not for buffers", READ, not_to_the_end},
	{"read-outside-0", "UHY-READ-051", "0 for a buffer outside RAM", READ,
	 outside_is_0},
	{"read-clipped", "UHY-READ-052", "what fits into RAM is read", READ,
	 clipped},
	{"read-stores-and-fails", "UHY-READ-053",
	 "EFAULT after a byte was stored", READ, stores_and_fails},
	{"read-moves-and-fails", "UHY-READ-054",
	 "EFAULT after the position moved", READ, moves_and_fails},
	{"read-wrap-0", "UHY-READ-055", "0 for a length that wraps around",
	 READ, wrap_is_0},
	{"read-both-einval", "UHY-READ-056",
	 "EINVAL for a bad descriptor and a bad buffer", READ, both_is_einval},
};
VARIANTS(rows);
