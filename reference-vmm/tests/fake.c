/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARD 4096

static void make_ram(struct fake *fake)
{
	uint8_t *all = mmap(NULL, FAKE_SIZE + 2 * GUARD, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(all, MAP_FAILED);
	fake->ram = all + GUARD;
	assert_int_equal(mprotect(fake->ram, FAKE_SIZE, PROT_READ | PROT_WRITE),
			 0);
}

int fake_setup(void **state)
{
	struct fake *fake = calloc(1, sizeof(*fake));
	char message[SERVICES_MESSAGE] = "", mapping[96], output[96], temp[96];
	const char *const mappings[] = {mapping};
	struct services_config config = {
		.output = output,
		.mappings = mappings,
		.mapping_count = 1,
		.tempdir = temp,
	};

	strcpy(fake->directory, "/tmp/uhyve-unit-XXXXXX");
	assert_non_null(mkdtemp(fake->directory));
	snprintf(fake->data, sizeof(fake->data), "%s/data", fake->directory);
	snprintf(mapping, sizeof(mapping), "%s:/data", fake->data);
	snprintf(output, sizeof(output), "%s/console", fake->directory);
	snprintf(temp, sizeof(temp), "%s/tmp", fake->directory);
	assert_int_equal(mkdir(fake->data, 0755), 0);
	assert_int_equal(mkdir(temp, 0755), 0);
	make_ram(fake);
	config.mem = (struct gmem){(char *)fake->ram, FAKE_START, FAKE_SIZE};
	if (services_init(&fake->services, &config, message))
		fail_msg("%s", message);
	call_table_init(&fake->table);
	*state = fake;
	return 0;
}

int fake_teardown(void **state)
{
	struct fake *fake = *state;
	char command[128];

	services_release(&fake->services);
	munmap(fake->ram - GUARD, FAKE_SIZE + 2 * GUARD);
	/* Private storage is gone: its parent can be removed when empty. */
	snprintf(command, sizeof(command), "%s/tmp", fake->directory);
	assert_int_equal(rmdir(command), 0);
	snprintf(command, sizeof(command), "rm -rf %s", fake->directory);
	assert_int_equal(system(command), 0);
	free(fake);
	return 0;
}

void *fake_at(struct fake *fake, uint64_t gpa)
{
	assert_in_range(gpa, FAKE_START, FAKE_END - 1);
	return fake->ram + (gpa - FAKE_START);
}

enum call_outcome fake_call(struct fake *fake, uint64_t number,
			    uint64_t argument)
{
	/* Whatever a handler does not set must not matter. */
	memset(&fake->call, 0xa5, sizeof(fake->call));
	fake->call.services = &fake->services;
	fake->call.vcpu = 0;
	fake->call.number = number;
	fake->call.argument = argument;
	return call_write(&fake->table, &fake->call);
}

uint32_t fake_read(struct fake *fake, uint64_t number)
{
	memset(&fake->call, 0xa5, sizeof(fake->call));
	fake->call.services = &fake->services;
	fake->call.vcpu = 0;
	fake->call.number = number;
	fake->call.argument = 0;
	call_read(&fake->table, &fake->call);
	return fake->call.read_value;
}

#define PUT(fake, block)                                                       \
	memcpy(fake_at(fake, FAKE_BLOCK), &block, sizeof(block))
#define GET(fake, block)                                                       \
	memcpy(&block, fake_at(fake, FAKE_BLOCK), sizeof(block))
#define CALL(fake, number, block)                                              \
	do {                                                                   \
		PUT(fake, block);                                              \
		assert_int_equal(fake_call(fake, number, FAKE_BLOCK),          \
				 CALL_RESUME);                                 \
		GET(fake, block);                                              \
	} while (0)

static struct uhyve_gpa put_name(struct fake *fake, const char *name)
{
	strcpy(fake_at(fake, FAKE_NAME), name);
	return (struct uhyve_gpa){FAKE_NAME};
}

int32_t fake_open(struct fake *fake, const char *name, int32_t flags,
		  int32_t mode)
{
	struct uhyve_open_params p = {put_name(fake, name), flags, mode, -77};

	CALL(fake, UHYVE_FILE_OPEN, p);
	return p.ret;
}

int32_t fake_close(struct fake *fake, int32_t fd)
{
	struct uhyve_close_params p = {fd, -77};

	CALL(fake, UHYVE_FILE_CLOSE, p);
	assert_int_equal(p.fd, fd);
	return p.ret;
}

int64_t fake_file_read(struct fake *fake, int32_t fd, uint64_t buf,
		       uint64_t len)
{
	struct uhyve_read_params p = {
		.len = len, .ret = -77, .buf = {buf}, .fd = fd};

	CALL(fake, UHYVE_FILE_READ, p);
	return p.ret;
}

int64_t fake_file_write(struct fake *fake, int32_t fd, uint64_t buf,
			uint64_t len)
{
	struct uhyve_write_params p = {
		.len = len, .ret = -77, .buf = {buf}, .fd = fd};

	CALL(fake, UHYVE_FILE_WRITE, p);
	return p.ret;
}

int64_t fake_put(struct fake *fake, int32_t fd, const char *text)
{
	strcpy(fake_at(fake, FAKE_BUFFER), text);
	return fake_file_write(fake, fd, FAKE_BUFFER, strlen(text));
}

int64_t fake_lseek(struct fake *fake, int32_t fd, int64_t offset,
		   uint32_t whence)
{
	struct uhyve_lseek_params p = {offset, whence, fd};

	CALL(fake, UHYVE_FILE_LSEEK, p);
	assert_int_equal(p.whence, whence);
	assert_int_equal(p.fd, fd);
	return p.offset;
}

int32_t fake_unlink(struct fake *fake, const char *name)
{
	struct uhyve_unlink_params p = {put_name(fake, name), -77};

	CALL(fake, UHYVE_FILE_UNLINK, p);
	return p.ret;
}

void host_write(struct fake *fake, const char *name, const char *text)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", fake->data, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

int host_read(const char *directory, const char *name, char *to, size_t size)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, to, size - 1);
	close(fd);
	assert_true(n >= 0);
	to[n] = '\0';
	return (int)n;
}

void assert_console(struct fake *fake, const char *text)
{
	char got[4096];

	assert_true(host_read(fake->directory, "console", got, sizeof(got)) >=
		    0);
	assert_string_equal(got, text);
}

void host_stdin(const void *bytes, size_t len)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, len), len);
	close(ends[1]);
	assert_true(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
	close(ends[0]);
}
