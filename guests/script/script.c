/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The script guest: runs the straight-line program that is patched into its
 * image and shows, after each call, the memory that the call may have touched.
 * It judges nothing and prints no TAP; whoever wrote the script (make explore)
 * compares every byte. conformance/explore.mk builds it, so that the suite does
 * not take it for a test.
 *
 * The script begins with its head; after it lie memory images and steps, both
 * found by their offset from the head. Before a step its fix-ups are stored: a
 * fix-up is a base and a value, or the 32-bit result of an earlier call.
 */
#include "test.h"

const uint32_t guest_interface = GUEST_INTERFACE;
UHYVE_NOTES(GUEST_INTERFACE)

enum { SCRIPT_SIZE = 512 << 10, CPUS = 4 };

enum base {
	BASE_ZERO,
	BASE_SCRIPT,
	BASE_RAM_START,
	BASE_RAM_END,
	BASES,
	RESULT = BASES
};

struct fix {
	uint32_t at; /* where in the script */
	uint16_t
		base; /* enum base, or RESULT: value is where the result lies */
	uint16_t size; /* bytes, 4 or 8 */
	int64_t value;
};

enum { STORE, FETCH, READ, MEET, SHOW }; /* not call numbers */
enum { LATER = 1 << 16 };

struct step {
	uint32_t action; /* with LATER nothing is shown; a call number, or
			    STORE: copies `shown` to the argument's address,
			    FETCH: copies the inside of `shown` from there,
			    READ: reads the number (argument) into `shown`,
			    MEET: waits until the others are there too,
			    SHOW: only shows */
	uint32_t base;   /* of the argument */
	int64_t value;   /* of the argument */
	uint32_t shown;  /* memory to show afterwards: where, how much */
	uint32_t shown_len;
	uint32_t skip; /* not 0: skip the step if the result there is < 0 */
	uint32_t fixes;
	struct fix fix[];
};

struct script {
	char magic[8];
	struct {
		uint32_t first, steps;
	} cpu[CPUS];
	uint32_t cpus, pad; /* how many run steps */
	uint8_t rest[SCRIPT_SIZE - 48];
};

/* A frame of 8 bytes in front and 8 bytes after, the last one a newline. */
enum { FRAME = 8 };

static struct script script
	__attribute__((used, aligned(4096), section(".data"))) = {
		"UHYSCRPT", {{0}}, 1, 0, {0}};

static struct {
	char tag[8];
	uint64_t base[BASES];
	char end[8];
} hello = {"UHYHELLO", {0}, ".......\n"};

static unsigned started, finished; /* vCPUs other than the first */
static unsigned met;               /* how often a vCPU came to a meeting */

/* The compiler must not know what the script holds. */
static uint8_t *script_bytes(void)
{
	uint8_t *bytes = (uint8_t *)&script;
	__asm__("" : "+r"(bytes)::"memory");
	return bytes;
}

static int32_t result_at(const uint8_t *bytes, uint64_t at)
{
	int32_t result;
	memcpy(&result, bytes + at, sizeof(result));
	return result;
}

static void store_fix(uint8_t *bytes, const struct fix *fix)
{
	uint64_t value =
		fix->base == RESULT
			? (uint64_t)result_at(bytes, (uint64_t)fix->value)
			: hello.base[fix->base] + (uint64_t)fix->value;
	memcpy(bytes + fix->at, &value, fix->size);
}

/* Tells the processor that this vCPU only waits. */
static void relax(void)
{
#if defined(__x86_64__)
	__asm__ volatile("pause");
#elif defined(__riscv)
	__asm__ volatile("nop");
#else
	__asm__ volatile("yield");
#endif
}

/* The n-th meeting of all vCPUs that run steps. */
static void meet(unsigned n)
{
	const struct script *head = (const struct script *)script_bytes();

	__atomic_add_fetch(&met, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&met, __ATOMIC_ACQUIRE) < head->cpus * n)
		relax();
}

static void run_step(uint8_t *bytes, const struct step *step)
{
	uint8_t *shown = bytes + step->shown;
	uint64_t argument = hello.base[step->base] + (uint64_t)step->value;
	void *memory = (void *)(uintptr_t)argument;
	uint32_t value, action = step->action & ~(uint32_t)LATER;

	if (action == MEET) {
		meet((unsigned)step->value);
	} else if (action == STORE) {
		memcpy(memory, shown, step->shown_len);
	} else if (action == FETCH) {
		memcpy(shown + FRAME, memory, step->shown_len - 2 * FRAME);
	} else if (action == READ) {
		value = uhyve_read((uint16_t)argument);
		memcpy(shown + FRAME, &value, sizeof(value));
	} else if (action != SHOW) {
		uhyve_call((uint16_t)action, argument);
	}
	if (step->shown_len && !(step->action & LATER))
		console_write(shown, step->shown_len);
}

static void run_script(unsigned cpu)
{
	uint8_t *bytes = script_bytes();
	const struct script *head = (const struct script *)bytes;
	const uint8_t *at = bytes + head->cpu[cpu].first;

	for (uint32_t n = head->cpu[cpu].steps; n; n--) {
		const struct step *step = (const struct step *)at;
		at = (const uint8_t *)(step->fix + step->fixes);
		if (step->skip && result_at(bytes, step->skip) < 0)
			continue;
		for (uint32_t i = 0; i < step->fixes; i++)
			store_fix(bytes, &step->fix[i]);
		run_step(bytes, step);
	}
}

void guest_main(void)
{
	const struct script *head = (const struct script *)script_bytes();

	hello.base[BASE_SCRIPT] = (uint64_t)(uintptr_t)head;
	hello.base[BASE_RAM_START] = ram_start();
	hello.base[BASE_RAM_END] = ram_end();
	/* Scripts also use the first and the last bytes of RAM. */
	map_ram(ram_start(), 1);
	map_ram(ram_end() - 1, 1);
	console_write(&hello, sizeof(hello));

	__atomic_store_n(&started, 1, __ATOMIC_RELEASE);
	run_script(0);
	while (__atomic_load_n(&finished, __ATOMIC_ACQUIRE) < head->cpus - 1)
		relax();
	uhyve_exit(0);
	guest_park();
}

void guest_cpu_main(unsigned cpu)
{
	const struct script *head = (const struct script *)script_bytes();

	if (cpu < head->cpus) {
		while (!__atomic_load_n(&started, __ATOMIC_ACQUIRE))
			relax();
		run_script(cpu);
		__atomic_add_fetch(&finished, 1, __ATOMIC_RELEASE);
	}
	guest_park();
}
