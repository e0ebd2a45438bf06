/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * seccomp: the system calls that calls of the guest and the end of the program
 * need. Every other one gives ENOSYS, as on a kernel that does not know it.
 */
#include "arch.h"
#include "sandbox.h"

#include <errno.h>
#include <linux/kvm.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

/* Allowed with any argument. Landlock confines those that take a name. */
static const int allowed[] = {
	/* files and console */
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
	SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(lseek), SCMP_SYS(close),
	SCMP_SYS(openat2), SCMP_SYS(openat), SCMP_SYS(fstat),
	SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(getdents64),
	SCMP_SYS(unlinkat), SCMP_SYS(mkdirat), SCMP_SYS(ftruncate),
	SCMP_SYS(fcntl), SCMP_SYS(poll), SCMP_SYS(ppoll),
	/* threads */
	SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(gettid),
	SCMP_SYS(getpid), SCMP_SYS(exit), SCMP_SYS(exit_group),
	/* signals */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall),
	/* time */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
	/* memory, see below for mmap and mprotect */
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
	SCMP_SYS(getrandom)};

static unsigned long needed_ioctls[4];
static unsigned needed_ioctl_count;

void sandbox_need_ioctl(unsigned long request)
{
	if (needed_ioctl_count < sizeof(needed_ioctls) / sizeof(request))
		needed_ioctls[needed_ioctl_count++] = request;
}

static int add_ioctl(scmp_filter_ctx filter, unsigned long request)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				SCMP_A1(SCMP_CMP_EQ, request, 0));
}

/* Calls that are allowed with some arguments only. 0 or -errno. */
static int add_conditional(scmp_filter_ctx filter)
{
	int error = add_ioctl(filter, KVM_RUN);
	for (const unsigned long *request = arch.run_ioctls; !error && *request;
	     request++)
		error = add_ioctl(filter, *request);
	for (unsigned i = 0; !error && i < needed_ioctl_count; i++)
		error = add_ioctl(filter, needed_ioctls[i]);
	/* No memory that could be executed. */
	if (!error)
		error = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!error)
		error = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* Threads, no processes; clone3 is missing, so that clone is used. */
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(clone), 1,
					 SCMP_A0(SCMP_CMP_MASKED_EQ,
						 CLONE_THREAD, CLONE_THREAD));
	/* Signals to the program's own threads. */
	if (!error)
		error = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	return error;
}

static int fill(scmp_filter_ctx filter)
{
	int error = add_conditional(filter);
	for (unsigned i = 0; !error && i < sizeof(allowed) / sizeof(allowed[0]);
	     i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	/* The hot one comes first. */
	if (!error)
		error = seccomp_syscall_priority(filter, SCMP_SYS(ioctl), 255);
	return error ? error : seccomp_load(filter);
}

int sandbox_seccomp(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (!filter)
		return -ENOMEM;
	int error = fill(filter);
	seccomp_release(filter);
	return error;
}
