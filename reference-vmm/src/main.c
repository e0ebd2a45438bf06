/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * uhyve-ref: runs one guest. main() reads in the order in which things happen;
 * everything of the host is opened before the sandbox closes, and guest code
 * runs only after that.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "arch.h"
#include "boot.h"
#include "image.h"
#include "message.h"
#include "options.h"
#include "sandbox.h"
#include "services.h"
#include "storage.h"
#include "vm.h"
#include "watch.h"

static struct options options;
static struct image image;
static struct boot boot;
static struct services services;
static struct vm vm;
static struct why why;

static void load_image(void)
{
	if (image_open(&image, options.image, &why) ||
	    image_parse(&image, &why) ||
	    boot_place(&boot, &image, options.memory, options.aslr, &why))
		die("image %s: %s", options.image, why.text);
}

/* Version 1 is told its arguments by calls: the image's path comes first. */
static const char **v1_arguments(unsigned *count)
{
	*count = 1 + options.kernel_args.count + options.app_args.count;
	const char **argv = calloc(*count, sizeof(*argv));
	if (!argv)
		die("out of memory");
	unsigned n = 0;
	argv[n++] = options.image;
	for (unsigned i = 0; i < options.kernel_args.count; i++)
		argv[n++] = options.kernel_args.at[i];
	for (unsigned i = 0; i < options.app_args.count; i++)
		argv[n++] = options.app_args.at[i];
	return argv;
}

static void open_services(void)
{
	struct services_config config = {.mem = vm.ram,
					 .output = options.output,
					 .mappings = options.mappings.at,
					 .mapping_count =
						 options.mappings.count,
					 .allow_special = options.allow_special,
					 .tempdir = options.tempdir,
					 .trace = options.trace,
					 .filter = options.filter,
					 .stats = options.stats,
					 .envp = options.env.at,
					 .envc = options.env.count,
					 .walk = arch_walk,
					 .site = arch_call_site,
					 .judge = options.judge,
					 .judge_file = options.judge_file,
					 .walk_context = &vm};
	config.argv = v1_arguments(&config.argc);
	char message[SERVICES_MESSAGE];
	if (services_init(&services, &config, message))
		die("%s", message);
	vm.services = &services;
	call_table_init(&vm.table);
}

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/*
 * The directories that a guest may mount: of a mapped file the one around it.
 */
static unsigned collect_mounts(const char ***mounts)
{
	const struct names *names = &services.files.names;
	unsigned count = 0;
	*mounts = calloc(names->count, sizeof(**mounts));
	if (!*mounts)
		die("out of memory");
	for (unsigned i = 0; i < names->count; i++) {
		const struct mapping *mapping = &names->mappings[i];
		if (mapping->private)
			continue;
		const char *guest = mapping->guest;
		size_t size = strlen(guest);
		while (mapping->name && size > 1 && guest[size - 1] != '/')
			size--;
		if (mapping->name && size > 1)
			size--;
		char *mount = strndup(guest, size);
		bool known = !mount || strcmp(mount, "/") == 0;
		for (unsigned k = 0; !known && k < count; k++)
			known = strcmp((*mounts)[k], mount) == 0;
		if (!known)
			(*mounts)[count++] = mount;
	}
	return count;
}

static void fill_memory(void)
{
	const char **mounts;
	struct boot_facts facts = {.cpus = vm.vcpu_count,
				   .counter_khz =
					   arch_counter_khz(&vm.vcpus[0]),
				   .boot_time_ns = now_ns()};
	facts.mount_count = collect_mounts(&mounts);
	facts.mounts = mounts;
	facts.bootargs = bootargs_build(
		options.kernel_args.at, options.kernel_args.count,
		options.env.at, options.env.count, options.app_args.at,
		options.app_args.count);
	if (!facts.bootargs)
		die("out of memory");
	if (boot_write(&boot, &image, &vm.ram, &facts, &why) ||
	    vm_set_entry(&vm, &boot, &why))
		die("image %s: %s", options.image, why.text);
	vm.image = &image;
	vm.load = boot.load;
	services.judge.image = &image;
	services.judge.load = boot.load;
	services.judge.stack = boot.stack;
	services.judge.interface = image.interface;
	observe_start(&services.observer, &services);
	if (judge_is_on(&services.judge) && watch_start(&vm, &boot, &why))
		die("%s", why.text);
}

static void enter_sandbox(void)
{
	if (options.sandbox == SANDBOX_OFF)
		return;
	if (sandbox_enter(&services.files.names,
			  options.sandbox == SANDBOX_STRICT, &why) < 0)
		die("sandbox: %s", why.text);
}

/* An end from outside: where is the guest that does not end by itself? */
static void report_stop(struct judge_end *end)
{
	bool halted = true;
	if (!(vm.signal || vm.asleep) || options.judge == JUDGE_SILENT)
		return;
	if (vm.asleep)
		warning("no vCPU can continue: the guest is ended");
	char place[160];
	for (unsigned i = 0; i < vm.vcpu_count; i++) {
		const struct vcpu *vcpu = &vm.vcpus[i];
		struct judge_stop *stop = &end->stops[end->stop_count++];
		bool dead = arch_explain_stop(vcpu, &stop->what);
		halted = halted && dead;
		stop->pc = arch_program_counter(vcpu);
		judge_place(&services.judge, stop->pc, place, sizeof(place));
		warning("vCPU %u was at %s: %s", i, place, stop->what);
	}
	enum judge_rule rule = halted ? JUDGE_HALTED : JUDGE_ENDLESS;
	if (watch_is_lost(&vm.vcpus[0]))
		rule = JUDGE_TABLES;
	/* The store that took them away is known. */
	if (rule == JUDGE_TABLES && services.judge.broken[rule])
		return;
	judge_broken(&services.judge, rule, 0, end->stops[0].pc, NULL,
		     "%s; vCPU 0: %s",
		     halted ? "no vCPU can continue" : "a signal ended it",
		     end->stops[0].what);
}

static const char *how_it_ended(void)
{
	if (vm.signal)
		return "signal";
	if (vm.asleep)
		return "asleep";
	if (vm.died)
		return vm.died == STATUS_BROKEN_RULE ? "fault" : "crash";
	return "exit";
}

/* Ends as the signal that asked for the end would have ended it. */
static void pass_on(int signal_number)
{
	if (signal_number == 0)
		return;
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void say_what_stays(int error)
{
	if (error)
		warning("private storage stays in %s (%s); see "
			"--remove-leftovers",
			names_tempdir(options.tempdir), strerror(-error));
}

/* As a handler of signals: without a word. */
static void remove_silently(void)
{
	names_remove_private(&services.files.names);
}

/* Also for what cannot be done between the first file and the first vCPU. */
static void at_exit(void)
{
	say_what_stays(names_remove_private(&services.files.names));
	pass_on(vm.signal);
}

static void finish(struct vm *ended, int status, bool quiet)
{
	static struct judge_end end;
	end.how = how_it_ended();
	end.status = status;
	services_report(&services, stderr);
	report_stop(&end);
	judge_report(&services.judge, &end);
	/* If a vCPU is stuck, keep everything that it uses. */
	say_what_stays(quiet ? services_release(&services)
			     : names_remove_private(&services.files.names));
	fflush(stderr);
	pass_on(ended->signal);
	if (quiet)
		exit(status);
	_exit(status);
}

static void say_removed(const char *path, int error)
{
	if (error)
		warning("cannot remove %s: %s", path, strerror(-error));
	else
		printf("removed %s\n", path);
}

static _Noreturn void remove_leftovers(void)
{
	const char *tempdir = names_tempdir(options.tempdir);
	int failed = storage_sweep(tempdir, say_removed);
	if (failed < 0)
		die("%s: %s", tempdir, strerror(-failed));
	exit(failed ? STATUS_HOST : 0);
}

int main(int argc, char **argv)
{
	sandbox_note_inherited();
	options_parse(&options, argc, argv);
	if (options.remove_leftovers)
		remove_leftovers();
	load_image();
	if (vm_create(&vm, &boot, options.cpus, &why))
		die("%s", why.text);
	if (options.huge_pages)
		madvise(vm.ram.host, vm.ram.size, MADV_HUGEPAGE);
	vm_catch_signals(&vm, remove_silently);
	atexit(at_exit);
	open_services();
	fill_memory();
	alarm(options.time_limit);
	enter_sandbox();
	vm.finish = finish;
	vm_run(&vm);
}
