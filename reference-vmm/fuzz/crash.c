/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Any end of a guest and any bytes as its image's symbols: the report is a few
 * lines that a terminal can show. The input begins with the registers and what
 * KVM says, then comes the last call's block, and the rest is the file.
 */
#include <ctype.h>
#include <unistd.h>

#include "call.h"
#include "fault.h"
#include "fuzz.h"
#include "image.h"
#include "services.h"
#include "vm.h"

#define START UINT64_C(0x100000000)
#define SIZE 0x4000u
#define MOST_LINES 4
#define MOST_BYTES 540 /* of a line */

/* Bytes that KVM shares with the VMM. */
union run {
	struct kvm_run run;
	uint8_t bytes[0x3000];
};

static void fill(struct input *input, void *to, size_t size)
{
	uint8_t *at = to;

	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)input_take(input, 1);
}

static void check(const char *text)
{
	unsigned lines = 0;
	size_t length = 0;

	PROMISE(*text);
	for (const char *line = text; *line; line += length + 1) {
		length = strcspn(line, "\n");
		PROMISE(line[length] == '\n' && length <= MOST_BYTES);
		PROMISE(strncmp(line, "uhyve-ref: ", 11) == 0);
		for (size_t i = 0; i < length; i++)
			PROMISE(line[i] >= 0x20 && line[i] <= 0x7e);
		lines++;
	}
	PROMISE(lines <= MOST_LINES);
}

static void report(const struct vcpu *vcpu, unsigned how)
{
	FILE *standard = stderr;
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	PROMISE(memory);
	stderr = memory;
	if (how == 0 && vcpu->call.row)
		fault_report_call(vcpu);
	else if (how == 1)
		fault_report_run(vcpu);
	else
		fault_report_exit(vcpu);
	stderr = standard;
	fclose(memory);
	check(text);
	free(text);
}

int fuzz_crash(const uint8_t *bytes, size_t size)
{
	struct input input = {bytes, size};
	uint8_t *ram = guarded_alloc(SIZE);
	struct services *services = calloc(1, sizeof(*services));
	union run *run = calloc(1, sizeof(*run));
	struct image image = {.start = input_take(&input, 2)};
	struct vm vm = {.image = &image, .vcpu_count = 1, .fd = -1};
	struct vcpu vcpu = {.vm = &vm, .fd = -1, .run = &run->run};
	unsigned how = (unsigned)input_take(&input, 1) % 4;

	PROMISE(services && run);
	image.end = input_take(&input, 8);
	services->mem = vm.ram = (struct gmem){(char *)ram, START, SIZE};
	vm.services = services;
	vm.vcpus = &vcpu;
	vm.load = input_take(&input, 8);
	vcpu.last_pc = input_take(&input, 8);
	run->run.exit_reason = (uint32_t)input_take(&input, 1);
	run->run.s.regs.regs.rip = input_take(&input, 8);
	fill(&input, &run->run.internal, 48);
	call_table_init(&vm.table);
	vcpu.call.services = services;
	vcpu.call.row = call_find(&vm.table, input_take(&input, 2));
	vcpu.call.fault = "the parameter block is not in guest memory";
	vcpu.call.argument = input_take(&input, 8);
	if (vcpu.call.row)
		vcpu.call.number = vcpu.call.row->number;
	fill(&input, &vcpu.call.block, sizeof(vcpu.call.block));
	/* A name for the block to point to. */
	fill(&input, ram, 64);
	image.size = input.left;
	image.fd = fuzz_file(input.at, input.left);
	report(&vcpu, how);
	close(image.fd);
	free(run);
	free(services);
	guarded_free(ram, SIZE);
	return 0;
}
