/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Running (UHY-EXIT, UHY-BOOT-041): vCPU 0 on the program's own thread, every
 * other one on a thread of its own, until one of them ends the machine.
 *
 * The one that ends it first sets vm->ended. Then every wait of a call is cut
 * short (services_stop), and a signal takes the others out of KVM_RUN: its
 * handler sets immediate_exit, so it counts even when it comes before KVM_RUN.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arch.h"
#include "fault.h"
#include "patrol.h"
#include "services.h"
#include "vm.h"
#include "watch.h"

#define KICK SIGUSR1
#define STACK_SIZE (256 * 1024)
#define WAIT_NS 50000  /* between two looks at the other vCPUs */
#define PATIENCE 10000 /* looks: half a second */

static _Thread_local struct kvm_run *own_run;
static struct vm *signalled_vm;

void vm_kick_others(struct vm *vm)
{
	int self = (int)syscall(SYS_gettid);
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		int thread = atomic_load(&vm->vcpus[i].thread);
		if (thread && thread != self)
			syscall(SYS_tgkill, getpid(), thread, KICK);
	}
}

/* True if the caller is the one that ends the machine. */
static bool win(struct vm *vm, int status)
{
	int running = 0;
	return atomic_compare_exchange_strong(&vm->ended, &running,
					      VM_ENDED | (status & 0xff));
}

static void stop_others(struct vm *vm)
{
	if (vm->services)
		services_stop(vm->services);
	vm_kick_others(vm);
}

/* ---- Signals ------------------------------------------------------------- */

static void on_kick(int signal)
{
	(void)signal;
	if (own_run)
		own_run->immediate_exit = 1;
}

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/*
 * A signal that is sent to the program and to its group, as timeout(1) does it,
 * arrives twice: it is one request.
 */
#define SAME_REQUEST_NS 200000000

static _Atomic int64_t first_request; /* when it came, or 0 */

/*
 * Someone wants the program to end. The first request ends it in order, and
 * leaves it to it where it is ending already; the second one at once.
 */
static void on_request(int signal)
{
	int saved = errno;
	int64_t first = 0, now = now_ns();
	if (!atomic_compare_exchange_strong(&first_request, &first, now) &&
	    now - first > SAME_REQUEST_NS)
		_exit(128 + signal);
	if (win(signalled_vm, 128 + signal)) {
		signalled_vm->signal = signal;
		stop_others(signalled_vm);
	}
	on_kick(signal);
	errno = saved;
}

static void (*on_crash)(void);
static struct sigaction before_crash[_NSIG];

/*
 * The program itself is broken, or was told so. What was there before, a
 * sanitizer's handler or the end, follows: by the instruction that faulted
 * again, or by the signal again.
 */
static void on_fatal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	sigaction(signal, &before_crash[signal], NULL);
	on_crash();
	if (info->si_code <= 0)
		raise(signal);
}

/*
 * What the parent made the program ignore, as nohup(1) does, it continues to
 * ignore; what it blocked is unblocked, or no kick would arrive.
 */
static void catch_requests(void)
{
	static const int requests[] = {SIGHUP,  SIGINT,    SIGQUIT, SIGTERM,
				       SIGALRM, SIGVTALRM, SIGPROF, SIGUSR2,
				       SIGXCPU, SIGIO,     SIGPWR};
	struct sigaction kick = {.sa_handler = on_kick};
	struct sigaction request = {.sa_handler = on_request}, old;
	sigset_t unblocked;
	sigemptyset(&unblocked);
	sigaddset(&unblocked, KICK);
	sigaction(KICK, &kick, NULL);
	for (unsigned i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		sigaction(requests[i], &request, &old);
		if (old.sa_handler == SIG_IGN)
			sigaction(requests[i], &old, NULL);
		sigaddset(&unblocked, requests[i]);
	}
	pthread_sigmask(SIG_UNBLOCK, &unblocked, NULL);
}

static void catch_crashes(void)
{
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE,
				      SIGABRT, SIGSYS, SIGTRAP};
	struct sigaction fatal = {.sa_sigaction = on_fatal,
				  .sa_flags = SA_SIGINFO};
	for (unsigned i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigaction(crashes[i], &fatal, &before_crash[crashes[i]]);
}

void vm_catch_signals(struct vm *vm, void (*crashed)(void))
{
	signalled_vm = vm;
	on_crash = crashed;
	catch_requests();
	catch_crashes();
}

/* ---- One vCPU ------------------------------------------------------------ */

static void die_of(struct vcpu *vcpu, enum status status,
		   void (*report)(const struct vcpu *))
{
	if (!win(vcpu->vm, (int)status))
		return;
	vcpu->vm->died = (int)status;
	report(vcpu);
	stop_others(vcpu->vm);
}

static enum call_outcome handle_exit(struct vcpu *vcpu)
{
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_HLT: /* only without an interrupt controller in KVM */
	case KVM_EXIT_INTR:
		return CALL_RESUME;
	default:
		return arch_exit(vcpu);
	}
}

static int enter(struct vcpu *vcpu)
{
	return vcpu->vm->watch ? watch_run(vcpu) : ioctl(vcpu->fd, KVM_RUN, 0);
}

/* One stretch of guest code and what it ended with. */
static void step(struct vcpu *vcpu)
{
	if (enter(vcpu) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			die_of(vcpu, STATUS_DEAD_GUEST, fault_report_run);
		else if (vcpu->vm->watch)
			patrol_pass(vcpu);
		/*
		 * A signal from elsewhere ends nothing. A kick sets it after
		 * the machine ended, which whoever calls looks at next.
		 */
		*(volatile uint8_t *)&vcpu->run->immediate_exit = 0;
		return;
	}
	switch (handle_exit(vcpu)) {
	case CALL_RESUME:
		break;
	case CALL_EXIT:
		if (win(vcpu->vm, vcpu->call.exit_code))
			stop_others(vcpu->vm);
		break;
	case CALL_FAULT:
		die_of(vcpu, STATUS_BROKEN_RULE, fault_report_call);
		break;
	case CALL_UNKNOWN:
		die_of(vcpu, STATUS_DEAD_GUEST, fault_report_exit);
		break;
	}
}

static void run_vcpu(struct vcpu *vcpu)
{
	own_run = vcpu->run;
	vcpu->call.services = vcpu->vm->services;
	vcpu->call.vcpu = vcpu->index;
	atomic_store(&vcpu->thread, (int)syscall(SYS_gettid));
	while (!atomic_load(&vcpu->vm->ended))
		step(vcpu);
	atomic_store(&vcpu->thread, 0);
}

/* ---- All of them --------------------------------------------------------- */

static const struct timespec look = {.tv_nsec = WAIT_NS};

/*
 * Waits until no vCPU runs, but not indefinitely for one that is stuck: false then.
 */
static bool settle(struct vm *vm)
{
	for (unsigned n = 0; n < PATIENCE; n++) {
		bool quiet = true;
		for (unsigned i = 0; i < vm->vcpu_count; i++)
			quiet = quiet && !atomic_load(&vm->vcpus[i].thread);
		if (quiet)
			return true;
		vm_kick_others(vm);
		nanosleep(&look, NULL);
	}
	return false;
}

/* What follows the end, on the first thread that comes here. */
static _Noreturn void finish(struct vm *vm)
{
	if (!atomic_exchange(&vm->finishing, true))
		vm->finish(vm, atomic_load(&vm->ended) & 0xff, settle(vm));
	for (;;)
		poll(NULL, 0, -1);
}

/*
 * The thread of another vCPU. The thread of vCPU 0 finishes; where that one is
 * stuck in the host for a second, this one does.
 */
static void *thread_main(void *vcpu)
{
	struct vm *vm = ((struct vcpu *)vcpu)->vm;
	run_vcpu(vcpu);
	for (unsigned n = 0; n < 2 * PATIENCE; n++) {
		if (!atomic_load(&vm->vcpus[0].thread))
			break;
		nanosleep(&look, NULL);
	}
	if (atomic_load(&vm->vcpus[0].thread))
		finish(vm);
	return NULL;
}

static void start_threads(struct vm *vm)
{
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_t thread;
	for (unsigned i = 1; i < vm->vcpu_count; i++) {
		int error = pthread_create(&thread, &attributes, thread_main,
					   &vm->vcpus[i]);
		if (error && win(vm, STATUS_HOST)) {
			warning("cannot start a thread for vCPU %u: %s", i,
				strerror(error));
			stop_others(vm);
		}
	}
	pthread_attr_destroy(&attributes);
}

void vm_end_asleep(struct vm *vm)
{
	if (!win(vm, STATUS_DEAD_GUEST))
		return;
	vm->asleep = true;
	stop_others(vm);
}

void vm_run(struct vm *vm)
{
	start_threads(vm);
	if (vm->watch)
		patrol_start(vm);
	run_vcpu(&vm->vcpus[0]);
	finish(vm);
}
