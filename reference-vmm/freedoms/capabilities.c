/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Without a capability, as a hypervisor is that does not claim it. */
#include "freedoms.h"

static int no_smp(struct vm *vm, const struct boot *boot, unsigned vcpus,
		  struct why *why)
{
	if (vcpus == 1)
		return vm_create(vm, boot, vcpus, why);
	taken();
	return refuse(why, "there is no more than one vCPU");
}

static int no_version(struct image *image, unsigned interface, struct why *why)
{
	int error = image_parse(image, why);

	if (error || image->interface != interface)
		return error;
	taken();
	return refuse(why, "interface %u is not supported", interface);
}

static int no_interface_1(struct image *image, struct why *why)
{
	return no_version(image, 1, why);
}

static int no_interface_3(struct image *image, struct why *why)
{
	return no_version(image, 3, why);
}

static enum call_outcome no_number(const struct call_table *table,
				   struct call *call, uint64_t first,
				   uint64_t last)
{
	if (call->number < first || call->number > last)
		return call_write(table, call);
	taken();
	call->row = NULL;
	return CALL_UNKNOWN;
}

static enum call_outcome no_calls_of_3(const struct call_table *table,
				       struct call *call)
{
	return no_number(table, call, UHYVE_GETDENTS, UHYVE_MKDIR);
}

static enum call_outcome no_calls_of_1(const struct call_table *table,
				       struct call *call)
{
	return no_number(table, call, 0x400, 0x880);
}

static enum call_outcome no_read_buffer(const struct call_table *table,
					struct call *call)
{
	return no_number(table, call, UHYVE_SERIAL_READ_BUFFER,
			 UHYVE_SERIAL_READ_BUFFER);
}

static enum call_outcome no_read_byte(const struct call_table *table,
				      struct call *call)
{
	if (call->number != UHYVE_SERIAL_READ_BYTE)
		return call_read(table, call);
	taken();
	call->row = NULL;
	call->read_value = 0;
	return CALL_UNKNOWN;
}

/* Input is at its end before it begins. */
static int64_t no_stdin(struct files *files, int32_t fd, void *to, size_t len)
{
	if (fd != STDIN_FILENO || !to)
		return files_read(files, fd, to, len);
	taken();
	return 0;
}

static bool is_link(const struct names *names, const char *path)
{
	struct stat st;

	return names_stat(names, path, false, &st) == 0 && S_ISLNK(st.st_mode);
}

/* A link anywhere in the path is an error. */
static bool meets_link(const struct names *names, const char *path)
{
	size_t len = strlen(path);

	char part[PATH_CLEAN_SIZE];
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++)
		if (path[i] == '/' || path[i] == '\0') {
			part[i] = '\0';
			if (is_link(names, part))
				return true;
			part[i] = path[i];
		}
	return false;
}

static int no_link_open(const struct names *names, const char *path, int flags,
			mode_t mode)
{
	if (!meets_link(names, path))
		return names_open(names, path, flags, mode);
	taken();
	return -ELOOP;
}

static int no_link_stat(const struct names *names, const char *path,
			bool follow, struct stat *st)
{
	if (!follow || !meets_link(names, path))
		return names_stat(names, path, follow, st);
	taken();
	return -ELOOP;
}

static int no_nested_mappings(const struct names *names, bool strict,
			      struct why *why)
{
	for (unsigned i = 0; i < names->count; i++)
		if (!names->mappings[names->mappings[i].holder].private) {
			taken();
			return refuse(why, "mapping %s: it lies below another",
				      names->mappings[i].guest);
		}
	return sandbox_enter(names, strict, why);
}

static const struct variant rows[] = {
	{"no-smp", WITHOUT("smp"), "one vCPU at most", .vm_create = no_smp},
	{"no-interface-1", WITHOUT("interface-1"), "version 1 is refused",
	 .image_parse = no_interface_1, .call_write = no_calls_of_1},
	{"no-interface-3", WITHOUT("interface-3"), "version 3 is refused",
	 .image_parse = no_interface_3, .call_write = no_calls_of_3},
	{"no-serial-read-buffer", WITHOUT("serial-read-buffer"),
	 "SerialReadBuffer is ignored", .call_write = no_read_buffer},
	{"no-serial-read-byte", WITHOUT("serial-read-byte"),
	 "SerialReadByte gives 0", .call_read = no_read_byte},
	{"no-nested-mappings", WITHOUT("nested-mappings"),
	 "nested mappings are refused", .sandbox_enter = no_nested_mappings},
	{"no-stdin", WITHOUT("stdin"), "descriptor 0 is at its end",
	 .files_read = no_stdin},
	{"no-symlinks", WITHOUT("symlinks"), "symbolic links are errors",
	 .names_open = no_link_open, .names_stat = no_link_stat},
};
VARIANTS(rows);
