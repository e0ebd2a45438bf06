/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Exits and ends of a vCPU that KVM does not run: what is made of them. */
#include <stdlib.h>
#include <string.h>
#include <uhyve_interface/boot.h>

#include "arch.h"
#include "fake.h"
#include "fault.h"
#include "image_maker.h"
#include "vm.h"

/* A vCPU whose exits the tests make up; what it does goes to the fake's services. */
struct machine {
	struct fake *fake;
	struct vm vm;
	struct vcpu vcpu;
	struct image image;
	union {
		struct kvm_run run;
		uint8_t bytes[0x3000]; /* port I/O has its data after run */
	} shared;
};

static int setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));
	void *fake;

	assert_non_null(m);
	assert_int_equal(fake_setup(&fake), 0);
	m->fake = fake;
	m->image = (struct image){.fd = -1};
	m->vm = (struct vm){.fd = -1,
			    .ram = m->fake->services.mem,
			    .vcpus = &m->vcpu,
			    .vcpu_count = 1,
			    .image = &m->image,
			    .services = &m->fake->services};
	call_table_init(&m->vm.table);
	m->vcpu = (struct vcpu){.vm = &m->vm, .fd = -1, .run = &m->shared.run};
	m->vcpu.call.services = &m->fake->services;
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;
	void *fake = m->fake;

	fake_teardown(&fake);
	free(m);
	return 0;
}

/* ---- Ends ------------------------------------------------------------------ */

static void assert_report(struct machine *m, const char *line)
{
	FILE *standard = stderr;
	char *text;
	size_t size;

	stderr = open_memstream(&text, &size);
	assert_non_null(stderr);
	fault_report_exit(&m->vcpu);
	fclose(stderr);
	stderr = standard;
	assert_string_equal(text, line);
	free(text);
}

static void ends(void **state)
{
	struct machine *m = *state;
	struct kvm_run *run = &m->shared.run;

	run->exit_reason = 30583;
	assert_report(m, "uhyve-ref: vCPU 0 at 0x0: an exit that this program "
			 "does not know (30583)\n");
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = KVM_SYSTEM_EVENT_CRASH;
	assert_report(m, "uhyve-ref: vCPU 0 at 0x0: the guest asked its "
			 "firmware for system event 3\n");
	run->exit_reason = KVM_EXIT_FAIL_ENTRY;
	run->fail_entry.hardware_entry_failure_reason = 0x80000021;
	assert_report(m, "uhyve-ref: vCPU 0 at 0x0: the processor refused to "
			 "enter the guest (0x80000021)\n");
}

/* ---- x86-64 ------------------------------------------------------------------ */

#if defined(__x86_64__)

#define PROGRAM_COUNTER (FAKE_START + 0x4000)

/* By where the stack pointer is, then by whether the address is RAM. */
static void guesses(void **state)
{
	struct machine *m = *state;
	uint64_t *sp = (uint64_t *)&m->shared.run.s.regs.regs.rsp;
	const uint64_t stack = FAKE_START + 0x18000;
	const uint64_t tables = FAKE_START + UHYVE_BOOT_PAGE_TABLES;

	m->fake->services.judge.stack = stack;
	*sp = stack - 8;
	assert_int_equal(fault_guess(&m->vcpu, 0).rule, JUDGE_BOOT_103);
	*sp = tables;
	assert_int_equal(fault_guess(&m->vcpu, FAKE_START).rule,
			 JUDGE_BOOT_103);
	*sp = tables - 1;
	assert_int_equal(fault_guess(&m->vcpu, 0).rule, JUDGE_DIED);
	*sp = stack;
	assert_int_equal(fault_guess(&m->vcpu, 0).rule, JUDGE_DIED);
	assert_string_equal(fault_guess(&m->vcpu, FAKE_END).text, "");
	assert_int_equal(fault_guess(&m->vcpu, FAKE_END - 1).rule,
			 JUDGE_BOOT_105);
	assert_int_equal(fault_guess(&m->vcpu, FAKE_START).rule,
			 JUDGE_BOOT_105);
}

/* A load of 8 bytes where no RAM is; how many strays were said so far. */
static uint64_t stray(struct machine *m, uint64_t address)
{
	struct kvm_run *run = &m->shared.run;

	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = address;
	run->mmio.len = 8;
	run->mmio.is_write = 0;
	memset(run->mmio.data, 0x5a, 8);
	assert_int_equal(arch_exit(&m->vcpu), CALL_RESUME);
	assert_memory_equal(run->mmio.data, "\0\0\0\0\0\0\0", 8);
	return m->fake->services.judge.broken[JUDGE_STRAY];
}

/* Kernels look for tables of the firmware and for interrupt controllers. */
static void strays(void **state)
{
	struct machine *m = *state;
	struct judge *judge = &m->fake->services.judge;

	judge_release(judge);
	assert_int_equal(judge_open(judge, JUDGE_TEXT, NULL), 0);
	assert_int_equal(stray(m, 0), 0);
	assert_int_equal(stray(m, 0xfffff), 0);
	assert_int_equal(stray(m, 0xfec00000), 0);
	assert_int_equal(stray(m, 0xffffffff), 0);
	assert_int_equal(stray(m, 0x100000), 1);
	assert_int_equal(stray(m, 0xfebffff8), 2);
	assert_int_equal(stray(m, FAKE_END), 3);
}

/* An IN; its bytes, after which nothing else may have changed. */
static uint32_t in(struct machine *m, uint16_t port, unsigned size)
{
	struct kvm_run *run = &m->shared.run;
	uint8_t *data = m->shared.bytes + 0x1000;
	uint32_t value = 0;

	run->exit_reason = KVM_EXIT_IO;
	run->io.direction = KVM_EXIT_IO_IN;
	run->io.port = port;
	run->io.size = (uint8_t)size;
	run->io.count = 1;
	run->io.data_offset = 0x1000;
	memset(data, 0x5a, 8);
	assert_int_equal(arch_exit(&m->vcpu), CALL_RESUME);
	memcpy(&value, data, size);
	assert_memory_equal(data + size, "ZZZZ", 4);
	return value;
}

/* Below PCI's ports, at them (all ones) and above; only the others are numbers. */
static void ports(void **state)
{
	struct machine *m = *state;

	assert_int_equal(in(m, 0x60, 1), 0);
	assert_int_equal(m->vcpu.call.number, 0x60);
	assert_int_equal(in(m, 0xcfc, 4), 0xffffffff);
	assert_int_equal(in(m, 0xcfe, 2), 0xffff);
	assert_int_equal(in(m, 0xcff, 1), 0xff);
	assert_int_equal(m->vcpu.call.number, 0x60);
	assert_int_equal(in(m, 0xcf8, 4), 0);
	assert_int_equal(m->vcpu.call.number, 0xcf8);
	assert_int_equal(in(m, 0xd00, 2), 0);
	assert_int_equal(m->vcpu.call.number, 0xd00);
}

/* What cannot be read is no instruction on strings. */
static void call_site(void **state)
{
	struct machine *m = *state;
	struct kvm_run *run = &m->shared.run;
	struct call_site site;

	run->s.regs.regs.rip = PROGRAM_COUNTER;
	run->s.regs.regs.rsp = 7;
	run->s.regs.regs.rax = 8;
	run->exit_reason = KVM_EXIT_MMIO;
	run->io.size = 4;
	arch_call_site(&m->vm, 0, &site);
	assert_int_equal(site.pc, PROGRAM_COUNTER);
	assert_int_equal(site.sp, 7);
	assert_int_equal(site.accumulator, 8);
	assert_int_equal(site.width, 0);
	assert_false(site.string);
	run->exit_reason = KVM_EXIT_IO;
	arch_call_site(&m->vm, 0, &site);
	assert_int_equal(site.width, 4);
}

#endif

#define WITH_MACHINE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int exit_tests(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MACHINE(ends),
#if defined(__x86_64__)
		WITH_MACHINE(guesses), WITH_MACHINE(strays),
		WITH_MACHINE(ports),   WITH_MACHINE(call_site),
#endif
	};

	return cmocka_run_group_tests_name("exits", tests, NULL, NULL);
}
