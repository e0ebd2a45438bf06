/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The fields of a block: addresses, names, flags. */
#include <inttypes.h>
#include <string.h>

#include "look.h"

/* ---- Addresses --------------------------------------------------------------- */

const char *look_hint(const struct look *look, uint64_t address, uint64_t len,
		      char to[LOOK_HINT])
{
	const struct services *services = look->call->services;
	const struct gmem *ram = &services->mem;
	uint64_t upper = ram->start & ~(uint64_t)UINT32_MAX;

	to[0] = '\0';
	struct uhyve_gpa gpa;
	if (address == 0)
		snprintf(to, LOOK_HINT, "; it is a null pointer");
	else if (gmem_valid(ram, address, 1))
		snprintf(to, LOOK_HINT,
			 "; it begins in RAM, of which 0x%" PRIx64
			 " bytes follow",
			 ram->start + ram->size - address);
	else if (gmem_valid(ram, __builtin_bswap64(address), len))
		snprintf(to, LOOK_HINT, "; its bytes are in reverse order");
	else if (address <= UINT32_MAX && gmem_valid(ram, upper | address, 1))
		snprintf(to, LOOK_HINT, "; its upper 32 bits are missing");
	else if (services->walk &&
		 services->walk(services->walk_context, look->call->vcpu,
				address, &gpa) == 0 &&
		 gmem_valid(ram, gpa.addr, 1))
		snprintf(to, LOOK_HINT,
			 "; it is a guest-virtual address, the "
			 "guest-physical one is 0x%" PRIx64,
			 gpa.addr);
	return to;
}

/* "; len and buf look swapped": what the fields would be in another order. */
static const char *layout_hint(const struct look *look, uint64_t address,
			       uint64_t len)
{
	const struct gmem *ram = &look->call->services->mem;
	const struct call_row *row = look->call->row;

	if (address && address < ram->size && gmem_valid(ram, len, address))
		return "; length and address look swapped";
	uint64_t old_address;
	/* Version 1: descriptor, address, length, without padding. */
	memcpy(&old_address, look->block->bytes + 4, sizeof(old_address));
	if ((row->number == UHYVE_FILE_READ ||
	     row->number == UHYVE_FILE_WRITE) &&
	    gmem_valid(ram, old_address, 1))
		return "; the block looks like that of version 1, or packed";
	return "";
}

static void buffer(const struct look *look, const struct uhyve_field *field)
{
	const struct call *call = look->call;
	uint64_t address = trace_value(look->block, field);
	uint64_t len = trace_length(look->block, field);
	uint64_t block = call->argument, size = call->row->block_size;

	if (!gmem_valid(&call->services->mem, address, len)) {
		const char *layout = layout_hint(look, address, len);
		char hint[LOOK_HINT];
		BROKEN(look, JUDGE_PTR_060,
		       "%s: %" PRIu64 " bytes at 0x%" PRIx64
		       " are not in RAM%s%s",
		       field->name, len, address,
		       *layout ? "" : look_hint(look, address, len, hint),
		       layout);
		return;
	}
	judge_obeyed(look->judge, JUDGE_PTR_060);
	if (field->kind == UHYVE_KIND_DST && len)
		CHECK(look, JUDGE_PTR_061,
		      address >= block + size || block >= address + len,
		      "%s overlaps the block at 0x%" PRIx64, field->name,
		      block);
}

/* ---- Names --------------------------------------------------------------------- */

static bool has_control(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f)
			return true;
	return false;
}

static void name(const struct look *look, const char *text, size_t length)
{
	char clean[PATH_CLEAN_SIZE];

	if (has_control(text) || !path_is_utf8(text))
		BROKEN(look, JUDGE_NAME_BYTES,
		       "%zu bytes with control characters or what is not UTF-8",
		       length);
	else if (length && path_clean(text, clean) == 0)
		CHECK(look, JUDGE_PATH_030, strcmp(clean, text) == 0,
		      "its canonical form is \"%.200s\"", clean);
	if (look->call->row->number == UHYVE_MKDIR) {
		uint64_t len = look->block->mkdir_params.len;
		CHECK(look, JUDGE_MKDIR_006, len == length + 1,
		      "len is %" PRIu64 ", the path has %zu bytes with its NUL",
		      len, length + 1);
	}
}

static void path(const struct look *look, const struct uhyve_field *field)
{
	const struct gmem *ram = &look->call->services->mem;
	uint64_t address = trace_value(look->block, field);
	char text[PATH_SIZE];
	ptrdiff_t length =
		gmem_string(ram, (struct uhyve_gpa){address}, text, PATH_SIZE);

	if (!gmem_valid(ram, address, 1)) {
		char hint[LOOK_HINT];
		BROKEN(look, JUDGE_PTR_060,
		       "%s: the path at 0x%" PRIx64 " is not in RAM%s",
		       field->name, address, look_hint(look, address, 1, hint));
		return;
	}
	judge_obeyed(look->judge, JUDGE_PTR_060);
	if (length == -EFAULT) {
		BROKEN(look, JUDGE_PATH_016,
		       "%s: no NUL between 0x%" PRIx64 " and the end of RAM",
		       field->name, address);
		return;
	}
	judge_obeyed(look->judge, JUDGE_PATH_016);
	if (length >= 0)
		name(look, text, (size_t)length);
	else
		BROKEN(look, JUDGE_NAME_BYTES, "no NUL in the first %d bytes",
		       PATH_SIZE);
}

void look_pointers(const struct look *look)
{
	const struct uhyve_field *field;

	for (unsigned i = 0; (field = call_field_at(i)); i++) {
		if (field->call != look->call->row->number)
			continue;
		if (field->kind == UHYVE_KIND_PATH)
			path(look, field);
		else if (field->kind == UHYVE_KIND_SRC ||
			 field->kind == UHYVE_KIND_DST)
			buffer(look, field);
	}
}

/* ---- Flags, modes and the like ----------------------------------------------------- */

/* 644 for 0644 and so on. */
static bool is_decimal(uint32_t mode)
{
	static const uint16_t common[] = {600, 640, 644, 660, 664, 666,
					  700, 750, 755, 770, 775, 777};

	for (unsigned i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (mode == common[i])
			return true;
	return false;
}

static void open_values(const struct look *look)
{
	const struct uhyve_open_params *p = &look->block->open_params;
	uint32_t flags = (uint32_t)p->flags, mode = (uint32_t)p->mode;
	uint32_t unknown = flags & ~(uint32_t)UHYVE_O_ALLOWED;

	if (unknown == 0x4000)
		BROKEN(look, JUDGE_FLAGS,
		       "flag 0x4000 is O_DIRECTORY of Linux on aarch64");
	else if (unknown & ~0x7fffffu)
		BROKEN(look, JUDGE_FIELDS, "0x%" PRIx32 " looks like no flags",
		       flags);
	else if (unknown || (flags & UHYVE_O_ACCMODE) == UHYVE_O_ACCMODE)
		BROKEN(look, JUDGE_FLAGS, "flags 0x%" PRIx32 " have no meaning",
		       unknown ? unknown : flags & UHYVE_O_ACCMODE);
	if (flags & UHYVE_O_TRUNC)
		CHECK(look, JUDGE_OPEN_032,
		      (flags & UHYVE_O_ACCMODE) != UHYVE_O_RDONLY,
		      "O_TRUNC with O_RDONLY%s",
		      unknown ? "" : "; on macOS 0x200 is O_CREAT");
	if (!(flags & UHYVE_O_CREAT))
		return;
	if (is_decimal(mode))
		BROKEN(look, JUDGE_MODE, "mode %" PRIu32 " is decimal", mode);
	else if (mode & ~07777u || !(mode & 0600))
		BROKEN(look, JUDGE_MODE, "mode %#" PRIo32 " for a new file",
		       mode);
}

static void seek_values(const struct look *look)
{
	const struct uhyve_lseek_params *p = &look->block->lseek_params;

	if (p->whence > 4)
		BROKEN(look, JUDGE_FIELDS, "whence is %" PRIu32, p->whence);
	else if (p->fd >= 0 && p->fd <= 2 && p->offset)
		BROKEN(look, JUDGE_FIELDS,
		       "a console cannot seek; are whence and fd swapped, or "
		       "has whence 64 bits?");
}

/* The four bytes after a descriptor: the sign of one that has 64 bits. */
static void padding(const struct look *look)
{
	const struct uhyve_field *fd = look_field(look, UHYVE_KIND_FD);

	if (!fd || fd->offset + 8u > look->call->row->block_size ||
	    look->call->row->number == UHYVE_FILE_CLOSE)
		return;
	uint32_t after;
	memcpy(&after, look->block->bytes + fd->offset + 4, sizeof(after));
	if ((int64_t)trace_value(look->block, fd) < 0 && after == UINT32_MAX)
		BROKEN(look, JUDGE_WIDE_FIELD,
		       "the padding after fd holds its sign");
}

void look_values(const struct look *look)
{
	switch (look->call->row->number) {
	case UHYVE_FILE_OPEN:
		open_values(look);
		break;
	case UHYVE_FILE_LSEEK:
		seek_values(look);
		break;
	case UHYVE_FILE_STAT:
		if (look->block->stat_params.kind > 1)
			BROKEN(look, JUDGE_FIELDS, "kind is %" PRIu32,
			       look->block->stat_params.kind);
		break;
	default:
		padding(look);
	}
}
