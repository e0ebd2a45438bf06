/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "patrol.h"

#include <pthread.h>
#include <time.h>

#include "arch.h"
#include "message.h"
#include "vm.h"

#define ROUND_NS 200000000 /* between two looks */
#define ANSWER_NS 10000000 /* that a vCPU has to come out of the guest */
#define STACK_SIZE (128 * 1024)

static const struct timespec between = {.tv_nsec = ROUND_NS};
static const struct timespec answer = {.tv_nsec = ANSWER_NS};

void patrol_pass(struct vcpu *vcpu)
{
	const char *what;

	atomic_store(&vcpu->asleep, arch_explain_stop(vcpu, &what));
}

/* True if every vCPU, asked now, sleeps for ever. One in a call does not answer. */
static bool all_asleep(struct vm *vm)
{
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		atomic_store(&vm->vcpus[i].asleep, false);
	vm_kick_others(vm);
	nanosleep(&answer, NULL);
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (!atomic_load(&vm->vcpus[i].asleep))
			return false;
	return true;
}

static void *patrol(void *argument)
{
	struct vm *vm = argument;

	/* Twice: in between one could have been woken by one asked later. */
	while (!atomic_load(&vm->ended)) {
		nanosleep(&between, NULL);
		if (all_asleep(vm) && all_asleep(vm))
			vm_end_asleep(vm);
	}
	return NULL;
}

void patrol_start(struct vm *vm)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_t thread;
	if (pthread_create(&thread, &attributes, patrol, vm))
		warning("no thread that looks whether all vCPUs sleep");
	pthread_attr_destroy(&attributes);
}
