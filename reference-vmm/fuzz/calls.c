/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Any calls on fake RAM. The input is a list of steps: a call of the table with
 * a block whose fields are chosen by their kind in calls.def, a call of any
 * number, a read, or bytes stored to RAM. After each step RAM has changed only
 * where the call may write, and results are results; after all of them nothing
 * outside the mapping has changed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "call.h"
#include "fuzz.h"
#include "services.h"

#define START UINT64_C(0x100000000)
#define SIZE UINT64_C(0x10000)
#define END (START + SIZE)
#define BLOCK (START + 0x800)
#define NAMES (START + 0x1000)
#define NAME_SIZE 64u
#define BUFFER (START + 0x4000)
#define STEPS 64

static const char *const names[] = {
	"/data/f",
	"/data/new",
	"/data/d",
	"/data/d/g",
	"/data",
	"/",
	"",
	"/data/link",
	"/data/out",
	"/data/up/secret",
	"/data/../data/f",
	"/private",
	"/p/q/r",
	"/data/\xff",
	"/data/loop",
	"..",
};
#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

static const uint64_t addresses[] = {
	BUFFER,
	START,
	BUFFER + 1,
	END - 1,
	END - 8,
	END - 4096,
	END,
	START - 1,
	0,
	UINT64_MAX,
	UINT64_MAX - 7,
	START | UINT64_C(1) << 52,
	UINT64_C(1) << 63,
	BLOCK,
	NAMES,
	END - 120,
};
static const uint64_t lengths[] = {
	0,
	1,
	8,
	24,
	40,
	120,
	4096,
	SIZE,
	SIZE + 1,
	UINT64_C(1) << 31,
	UINT64_C(1) << 32,
	UINT64_C(1) << 63,
	UINT64_MAX,
	END - BUFFER,
	300,
	2,
};
static const int32_t descriptors[] = {
	3, 4, 5, 6, 0, 1, 2, -1, INT_MIN, INT_MAX, 7, 511, 512, 8, 9, 10,
};

struct world {
	struct services services;
	struct call_table table;
	struct call call;
	uint8_t *ram, *before;
};

/* ---- The host's side ----------------------------------------------------- */

static char base[64]; /* data/, outside/, tmp/ */

static void in_base(char path[128], const char *name)
{
	snprintf(path, 128, "%s/%s", base, name);
}

static void remove_base(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", base);
	if (system(command) != 0)
		fprintf(stderr, "%s stays\n", base);
}

static void put_file(const char *name, const char *text)
{
	char path[128];

	in_base(path, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	PROMISE(fd >= 0);
	PROMISE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void put_directory(const char *name)
{
	char path[128];

	in_base(path, name);
	PROMISE(mkdir(path, 0755) == 0);
}

static void put_link(const char *target, const char *name)
{
	char path[128];

	in_base(path, name);
	PROMISE(symlink(target, path) == 0);
}

static void make_base(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(base, sizeof(base), "%.40s/uhyve-fuzz-XXXXXX",
		 tmp ? tmp : "/tmp");
	PROMISE(mkdtemp(base));
	atexit(remove_base);
	put_directory("outside");
	put_file("outside/secret", "secret");
	put_directory("tmp");
}

static void remove_tree(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;

	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    unlinkat(fd, entry->d_name, 0) < 0)
			remove_tree(fd, entry->d_name);
	closedir(dir);
	PROMISE(unlinkat(parent, name, AT_REMOVEDIR) == 0);
}

static void put_data(void)
{
	put_directory("data");
	put_directory("data/d");
	put_file("data/f", "0123456789");
	put_file("data/d/g", "");
	put_link("f", "data/link");
	put_link("../outside/secret", "data/out");
	put_link("../outside", "data/up");
	put_link("loop", "data/loop");
}

static unsigned entries(const char *name)
{
	char path[128];
	unsigned count = 0;

	in_base(path, name);
	DIR *dir = opendir(path);
	PROMISE(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* Memory that no call may touch. */
static void check_outside(void)
{
	char path[128], text[8] = "";

	in_base(path, "outside/secret");
	int fd = open(path, O_RDONLY);
	PROMISE(fd >= 0 && read(fd, text, sizeof(text)) == 6);
	close(fd);
	PROMISE(strcmp(text, "secret") == 0);
	PROMISE(entries("outside") == 3);
	PROMISE(entries("tmp") == 2);
	PROMISE(entries(".") == 5);
}

/* ---- One call ------------------------------------------------------------ */

static int walk(void *context, unsigned vcpu, uint64_t gva,
		struct uhyve_gpa *gpa)
{
	(void)context;
	(void)vcpu;
	gpa->addr = START + (gva ^ 0x3000) % (2 * SIZE);
	return gva >> 40 ? -1 : 0;
}

/* Lets before agree with RAM where the call may have written. */
static void forgive(struct world *w, uint64_t addr, uint64_t len)
{
	if (addr >= START && addr < END && len <= END - addr)
		memcpy(w->before + (addr - START), w->ram + (addr - START),
		       len);
}

static uint64_t field_value(const union call_block *block,
			    const struct uhyve_field *field)
{
	uint64_t value = 0;

	memcpy(&value, block->bytes + field->offset,
	       field->size < 8 ? field->size : 8);
	return value;
}

/* The capacity of the buffer at field, as the guest gave it. */
static uint64_t capacity(const union call_block *block,
			 const struct uhyve_field *field)
{
	const struct uhyve_field *other;

	for (unsigned i = 0; (other = call_field_at(i)); i++)
		if (other->call == field->call &&
		    strcmp(other->name, field->length) == 0)
			return field_value(block, other);
	return strtoull(field->length, NULL, 10);
}

static void check_result(const struct call *call,
			 const struct uhyve_field *field)
{
	uint64_t raw = field_value(&call->block, field);
	int64_t value = field->size == 4 ? (int32_t)raw : (int64_t)raw;

	if (field->kind == UHYVE_KIND_RET)
		PROMISE(value >= -UHYVE_ERRNO_MAX && value != -41 &&
			value != -58);
	if (field->kind == UHYVE_KIND_TAG)
		PROMISE(raw >= 1 && raw <= 3);
}

/* Everything that is promised of a call with this block. */
static void check_call(struct world *w, const struct call_row *row, uint64_t at,
		       const union call_block *block)
{
	const struct uhyve_field *field;

	for (unsigned i = 0; (field = call_field_at(i)); i++) {
		if (field->call != row->number)
			continue;
		check_result(&w->call, field);
		if (field->kind == UHYVE_KIND_DST)
			forgive(w, field_value(block, field),
				capacity(block, field));
	}
	forgive(w, at + row->out_offset, row->out_size);
	/* Their outputs are not described by fields. */
	if (row->number == UHYVE_V1_FILE_READ || row->number == UHYVE_V1_CMDVAL)
		memcpy(w->before, w->ram, SIZE);
	PROMISE(memcmp(w->before, w->ram, SIZE) == 0);
}

static void choose_field(uint8_t *to, const struct uhyve_field *field,
			 struct input *input)
{
	uint8_t choice = (uint8_t)input_take(input, 1);
	size_t size = field->size < 8 ? field->size : 8;
	uint64_t value;

	switch (field->kind) {
	case UHYVE_KIND_PATH:
		value = choice < 0xc0 ? NAMES + choice % NAME_COUNT * NAME_SIZE
				      : addresses[choice % 16];
		break;
	case UHYVE_KIND_SRC:
	case UHYVE_KIND_DST:
		value = addresses[choice % 16];
		break;
	case UHYVE_KIND_LEN:
		value = lengths[choice % 16];
		break;
	case UHYVE_KIND_FD:
		value = (uint32_t)descriptors[choice % 16];
		break;
	default:
		value = choice < 0xf0 ? choice : input_take(input, size);
	}
	memcpy(to + field->offset, &value, size);
}

static enum call_outcome call_of_the_table(struct world *w, struct input *input)
{
	const struct call_row *row =
		&w->table.rows[input_take(input, 1) % w->table.count];
	uint8_t place = (uint8_t)input_take(input, 1);
	const uint64_t places[] = {BLOCK, BLOCK + 1, START,
				   END - row->block_size};
	uint64_t at = place < 0xf0 ? places[place % 4] : input_take(input, 8);
	const struct uhyve_field *field;
	union call_block block = {0};

	if (row->argument == UHYVE_ARGUMENT_BLOCK) {
		for (unsigned i = 0; (field = call_field_at(i)); i++)
			if (field->call == row->number &&
			    field->direction != UHYVE_PAD)
				choose_field(block.bytes, field, input);
		gmem_store(&w->services.mem, (struct uhyve_gpa){at}, &block,
			   row->block_size);
	}
	memcpy(w->before, w->ram, SIZE);
	w->call.number = row->number;
	w->call.argument = at;
	enum call_outcome outcome = call_write(&w->table, &w->call);
	if (outcome == CALL_RESUME)
		check_call(w, row, at, &block);
	else
		PROMISE(memcmp(w->before, w->ram, SIZE) == 0 ||
			row->number == UHYVE_V1_CMDVAL);
	return outcome;
}

/* ---- All of them --------------------------------------------------------- */

static void put_bytes(struct world *w, struct input *input)
{
	uint64_t at = input_take(input, 2), len = input_take(input, 1) % 32;

	for (uint64_t i = 0; i < len; i++)
		w->ram[(at + i) % SIZE] = (uint8_t)input_take(input, 1);
}

static enum call_outcome step(struct world *w, struct input *input)
{
	uint8_t kind = (uint8_t)input_take(input, 1);

	w->call.vcpu = 0;
	w->call.services = &w->services;
	if (kind < 0xd0)
		return call_of_the_table(w, input);
	w->call.number = input_take(input, 2);
	w->call.argument = 0;
	if (kind < 0xe0) {
		call_read(&w->table, &w->call);
		return CALL_RESUME;
	}
	if (kind < 0xf0) {
		w->call.argument = input_take(input, 8);
		return call_write(&w->table, &w->call);
	}
	put_bytes(w, input);
	return CALL_RESUME;
}

static void open_world(struct world *w)
{
	static const char *const argv[] = {"image", "argument"};
	char mapping[160], temp[128], message[SERVICES_MESSAGE] = "";
	const char *const mappings[] = {mapping};
	const struct services_config config = {
		.mem = {(char *)w->ram, START, SIZE},
		.output = "none",
		.mappings = mappings,
		.mapping_count = 1,
		.tempdir = temp,
		.argv = argv,
		.argc = 2,
		.walk = walk,
	};

	snprintf(mapping, sizeof(mapping), "%s/data:/data", base);
	in_base(temp, "tmp");
	memset(w->ram, 0, SIZE);
	for (size_t i = 0; i < NAME_COUNT; i++)
		strcpy((char *)w->ram + (NAMES - START) + i * NAME_SIZE,
		       names[i]);
	if (services_init(&w->services, &config, message))
		fprintf(stderr, "%s\n", message);
	PROMISE(message[0] == '\0');
	call_table_init(&w->table);
	/* At its end, so that nothing waits for it. */
	w->services.console.in = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int fuzz_calls(const uint8_t *bytes, size_t size)
{
	static struct world w;
	struct input input = {bytes, size};

	if (!base[0]) {
		make_base();
		w.ram = guarded_alloc(SIZE);
		w.before = guarded_alloc(SIZE);
	}
	put_data();
	open_world(&w);
	for (int i = 0; i < STEPS && input.left > 0; i++)
		if (step(&w, &input) == CALL_EXIT)
			break;
	close(w.services.console.in);
	services_release(&w.services);
	check_outside();
	{
		char path[128];
		in_base(path, "data");
		remove_tree(AT_FDCWD, path);
	}
	return 0;
}
