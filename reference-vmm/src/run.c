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
#include "services.h"
#include "vm.h"

#define KICK SIGUSR1
#define STACK_SIZE (256 * 1024)
#define WAIT_NS 50000  /* between two looks at the other vCPUs */
#define PATIENCE 10000 /* looks: half a second */

static _Thread_local struct kvm_run *own_run;
static struct vm *signalled_vm;

static void kick_others(struct vm *vm)
{
	int self = (int)syscall(SYS_gettid);
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		int thread = atomic_load(&vm->vcpus[i].thread);
		if (thread && thread != self)
			syscall(SYS_tgkill, getpid(), thread, KICK);
	}
}

/* Whether the caller is the one that ends the machine. */
static bool win(struct vm *vm, int status)
{
	int running = 0;
	return atomic_compare_exchange_strong(&vm->ended, &running,
					      VM_ENDED | (status & 0xff));
}

static void stop_others(struct vm *vm)
{
	services_stop(vm->services);
	kick_others(vm);
}

/* ---- Signals ------------------------------------------------------------- */

static void on_kick(int signal)
{
	(void)signal;
	if (own_run)
		own_run->immediate_exit = 1;
}

/*
 * Somebody wants the program to end: it does so in order, and at once when that
 * takes too long for who asks again.
 */
static void on_request(int signal)
{
	int saved = errno;
	if (win(signalled_vm, 128 + signal)) {
		signalled_vm->signal = signal;
		stop_others(signalled_vm);
	} else if (signalled_vm->signal) {
		_exit(128 + signal);
	}
	on_kick(signal);
	errno = saved;
}

/*
 * What the parent made the program ignore, as nohup(1) does, it goes on to
 * ignore; what it blocked is unblocked, or no kick would arrive.
 */
static void install_handlers(struct vm *vm)
{
	static const int requests[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction kick = {.sa_handler = on_kick};
	struct sigaction request = {.sa_handler = on_request}, old;
	sigset_t unblocked;
	signalled_vm = vm;
	sigemptyset(&unblocked);
	sigaddset(&unblocked, KICK);
	sigaction(KICK, &kick, NULL);
	for (unsigned i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		sigaction(requests[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaction(requests[i], &request, NULL);
		sigaddset(&unblocked, requests[i]);
	}
	pthread_sigmask(SIG_UNBLOCK, &unblocked, NULL);
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

/* One stretch of guest code and what it ended with. */
static void step(struct vcpu *vcpu)
{
	if (ioctl(vcpu->fd, KVM_RUN, 0) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			die_of(vcpu, STATUS_DEAD_GUEST, fault_report_run);
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
	vcpu->last_pc = arch_program_counter(vcpu);
}

static void run_vcpu(struct vcpu *vcpu)
{
	own_run = vcpu->run;
	vcpu->call.services = vcpu->vm->services;
	vcpu->call.vcpu = vcpu->index;
	atomic_store(&vcpu->thread, (int)syscall(SYS_gettid));
	while (!atomic_load_explicit(&vcpu->vm->ended, memory_order_relaxed))
		step(vcpu);
	atomic_store(&vcpu->thread, 0);
}

/* ---- All of them --------------------------------------------------------- */

static const struct timespec look = {.tv_nsec = WAIT_NS};

/* Waits until no vCPU runs, but not for ever for one that is stuck. */
static void settle(struct vm *vm)
{
	for (unsigned n = 0; n < PATIENCE; n++) {
		bool quiet = true;
		for (unsigned i = 0; i < vm->vcpu_count; i++)
			quiet = quiet && !atomic_load(&vm->vcpus[i].thread);
		if (quiet)
			return;
		kick_others(vm);
		nanosleep(&look, NULL);
	}
}

/*
 * The thread of another vCPU. The program ends when vCPU 0 has settled; where
 * that one is stuck in the host, this one ends it.
 */
static void *thread_main(void *vcpu)
{
	struct vm *vm = ((struct vcpu *)vcpu)->vm;
	run_vcpu(vcpu);
	for (unsigned n = 0; n < 2 * PATIENCE; n++)
		nanosleep(&look, NULL);
	_exit(vm->ended & 0xff);
}

static void start_threads(struct vm *vm)
{
	pthread_attr_t attributes;
	pthread_t thread;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
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

int vm_run(struct vm *vm)
{
	install_handlers(vm);
	start_threads(vm);
	run_vcpu(&vm->vcpus[0]);
	settle(vm);
	return vm->ended & 0xff;
}
