/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Freedoms of the transport, of blocks, of ranges and of errors. */
#include "freedoms.h"

/* ---- Numbers ------------------------------------------------------------- */

static enum call_outcome read_value(const struct call_table *table,
				    struct call *call)
{
	enum call_outcome outcome = call_read(table, call);

	if (outcome == CALL_UNKNOWN && call->row) {
		taken();
		call->read_value = 0xd15ea5e;
	}
	return outcome;
}

/* The interface of the image that runs. */
static unsigned image_interface;

static int note_interface(struct image *image, struct why *why)
{
	int error = image_parse(image, why);

	image_interface = image->interface;
	return error;
}

static bool other_version(const struct call_row *row)
{
	if (!row)
		return false;
	return image_interface == 1
		       ? row->since != 1
		       : row->since == 1 || row->since > image_interface;
}

static enum call_outcome number_by_version(const struct call_table *table,
					   struct call *call)
{
	if (!other_version(call_find(table, call->number)))
		return call_write(table, call);
	taken();
	call->row = NULL;
	return CALL_UNKNOWN;
}

/* ---- Blocks -------------------------------------------------------------- */

static enum call_outcome padding_zeroed(const struct call_table *table,
					struct call *call)
{
	enum call_outcome outcome = call_write(table, call);

	if (outcome != CALL_RESUME || !call->row ||
	    !gmem_valid(&call->services->mem, call->argument,
			call->row->block_size))
		return outcome;
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = call_field_at(i)); i++)
		if (field->call == call->number &&
		    field->direction == UHYVE_PAD) {
			taken();
			scribble_block(call, field->offset, 0, field->size);
		}
	return outcome;
}

/* Blocks of whole words have alignment 8, unless they are packed. */
static bool has_alignment_8(uint64_t number)
{
	return number != UHYVE_FILE_OPEN && number != UHYVE_FILE_CLOSE &&
	       number != UHYVE_FILE_UNLINK;
}

static enum call_outcome unaligned_ignored(const struct call_table *table,
					   struct call *call)
{
	const struct call_row *row = call_find(table, call->number);

	if (!row || row->since == 1 || !row->block_size ||
	    !has_alignment_8(call->number) || call->argument % 8 == 0)
		return call_write(table, call);
	taken();
	call->row = row;
	return CALL_RESUME;
}

static enum call_outcome outside_ignored(const struct call_table *table,
					 struct call *call)
{
	enum call_outcome outcome = call_write(table, call);
	uint8_t byte;

	if (outcome != CALL_FAULT || !call->row ||
	    gmem_load(&call->services->mem, (struct uhyve_gpa){call->argument},
		      &byte, call->row->block_size ? 1 : 0) == 0)
		return outcome;
	taken();
	return CALL_RESUME;
}

/* ---- Ranges -------------------------------------------------------------- */

static bool longer_than_ram(const struct call *call, uint64_t len)
{
	return len > call->services->mem.size;
}

static bool overlaps(const struct call *call, struct uhyve_gpa buf,
		     uint64_t len)
{
	return len && buf.addr < call->argument + call->row->block_size &&
	       call->argument - buf.addr < len + call->row->block_size &&
	       call->argument < buf.addr + len;
}

static enum call_outcome write_too_long(struct call *call)
{
	struct uhyve_write_params *p = &call->block.write_params;
	enum call_outcome outcome = original(call);

	if (longer_than_ram(call, p->len) && p->ret == -EFAULT) {
		taken();
		p->ret = -EINVAL;
	}
	return outcome;
}

static enum call_outcome read_too_long(struct call *call)
{
	struct uhyve_read_params *p = &call->block.read_params;
	enum call_outcome outcome = original(call);

	if (longer_than_ram(call, p->len) && p->ret == -EFAULT) {
		taken();
		p->ret = -EINVAL;
	}
	return outcome;
}

static enum call_outcome read_overlap(struct call *call)
{
	struct uhyve_read_params *p = &call->block.read_params;

	if (!overlaps(call, p->buf, p->len))
		return original(call);
	taken();
	p->ret = -EINVAL;
	return CALL_RESUME;
}

/* ---- Errors -------------------------------------------------------------- */

/* The host's numbers that have to be reported as they are: UHY-ERR-004. */
static bool keeps_number(int64_t error)
{
	static const int kept[] = {EPERM,  ENOENT, EIO,    EBADF, EFAULT,
				   EEXIST, EISDIR, EINVAL, EROFS, EOVERFLOW};

	for (unsigned i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (error == kept[i])
			return true;
	return false;
}

static int64_t replaced(int64_t result, int instead)
{
	if (result >= 0 || result < -133 || keeps_number(-result))
		return result;
	taken();
	return -instead;
}

/* As uhyve does: EPERM for names, EIO for the rest. */
static int open_error(const struct names *names, const char *path, int flags,
		      mode_t mode)
{
	return (int)replaced(names_open(names, path, flags, mode), EPERM);
}

static int reserve_error(struct descriptors *table)
{
	return (int)replaced(descriptors_reserve(table), EPERM);
}

static int unlink_error(const struct names *names, const char *path)
{
	return (int)replaced(names_unlink(names, path), EPERM);
}

static int mkdir_error(const struct names *names, const char *path)
{
	return (int)replaced(names_mkdir(names, path), EIO);
}

static int stat_error(const struct names *names, const char *path, bool follow,
		      struct stat *st)
{
	return (int)replaced(names_stat(names, path, follow, st), EIO);
}

static int64_t read_error(struct files *files, int32_t fd, void *to, size_t len)
{
	return replaced(files_read(files, fd, to, len), EIO);
}

static int64_t write_error(struct files *files, int32_t fd, const void *from,
			   size_t len)
{
	return replaced(files_write(files, fd, from, len), EIO);
}

static int64_t lseek_error(struct files *files, int32_t fd, int64_t offset,
			   uint32_t whence)
{
	return replaced(files_lseek(files, fd, offset, whence), EPERM);
}

static int64_t dents_error(struct files *files, int32_t fd, void *to,
			   size_t len)
{
	return replaced(files_getdents(files, fd, to, len), EIO);
}

/* Gives the last of several errors in the table. */
static enum call_outcome read_order(struct call *call)
{
	struct uhyve_read_params *p = &call->block.read_params;

	if (!gmem_at(&call->services->mem, p->buf, p->len)) {
		taken();
		p->ret = -EFAULT;
		return CALL_RESUME;
	}
	return original(call);
}

static enum call_outcome write_order(struct call *call)
{
	struct uhyve_write_params *p = &call->block.write_params;

	if (!gmem_at(&call->services->mem, p->buf, p->len)) {
		taken();
		p->ret = -EFAULT;
		return CALL_RESUME;
	}
	return original(call);
}

static enum call_outcome open_order(struct call *call)
{
	struct uhyve_open_params *p = &call->block.open_params;

	if ((p->flags & UHYVE_O_CREAT) && (p->flags & UHYVE_O_DIRECTORY)) {
		taken();
		p->ret = -EINVAL;
		return CALL_RESUME;
	}
	return original(call);
}

/* EFAULT where the buffer for attributes is not in RAM, before anything else. */
static enum call_outcome attr_first(struct call *call, struct uhyve_gpa attr,
				    struct uhyve_stat_result *ret)
{
	if (gmem_at(&call->services->mem, attr, sizeof(struct uhyve_file_attr)))
		return original(call);
	taken();
	ret->tag = UHYVE_STAT_ERROR;
	ret->error = EFAULT;
	return CALL_RESUME;
}

static enum call_outcome stat_order(struct call *call)
{
	struct uhyve_stat_params *p = &call->block.stat_params;

	return attr_first(call, p->attr, &p->ret);
}

static enum call_outcome fstat_order(struct call *call)
{
	struct uhyve_fstat_params *p = &call->block.fstat_params;

	return attr_first(call, p->attr, &p->ret);
}

static const struct variant rows[] = {
	{"call-read-value", TOGETHER, "a read of another number gives garbage",
	 .call_read = read_value},
	{"number-by-version", TOGETHER,
	 "an image is offered the numbers of its version only",
	 .call_write = number_by_version, .image_parse = note_interface},
	{"block-padding-zeroed", TOGETHER, "padding is zero after the call",
	 .call_write = padding_zeroed},
	{"block-unaligned-ignored", TOGETHER,
	 "a call with a misaligned block is ignored",
	 .call_write = unaligned_ignored},
	{"block-outside-ignored", TOGETHER,
	 "a call whose block is not in RAM is ignored",
	 .call_write = outside_ignored},
	{"range-too-long", TOGETHER,
	 "FileWrite: EINVAL for a length beyond RAM", UHYVE_FILE_WRITE,
	 write_too_long},
	{"range-too-long", TOGETHER, "FileRead: EINVAL for a length beyond RAM",
	 UHYVE_FILE_READ, read_too_long},
	{"range-overlap", TOGETHER,
	 "FileRead gives EINVAL for a buffer that overlaps its block",
	 UHYVE_FILE_READ, read_overlap},
	{"error-replaced", TOGETHER, "EPERM or EIO instead of other errors",
	 .names_open = open_error, .descriptors_reserve = reserve_error,
	 .names_unlink = unlink_error, .names_mkdir = mkdir_error,
	 .names_stat = stat_error, .files_read = read_error,
	 .files_write = write_error, .files_lseek = lseek_error,
	 .files_getdents = dents_error},
	{"error-order", TOGETHER, "FileRead looks at its buffer first",
	 UHYVE_FILE_READ, read_order},
	{"error-order", TOGETHER, "FileWrite looks at its buffer first",
	 UHYVE_FILE_WRITE, write_order},
	{"error-order", TOGETHER, "FileOpen looks at its flags first",
	 UHYVE_FILE_OPEN, open_order},
	{"error-order", TOGETHER, "FileStat looks at its buffer first",
	 UHYVE_FILE_STAT, stat_order},
	{"error-order", TOGETHER, "FileFstat looks at its buffer first",
	 UHYVE_FILE_FSTAT, fstat_order},
};
VARIANTS(rows);
