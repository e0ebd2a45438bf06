/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * usage: tracer FILE PROGRAM [ARGUMENT]...
 *
 * Runs the program and writes a line into the file for each system call of its
 * threads, in the form of strace as far as counts.py reads it: the name, of
 * ioctl the request, of write the first bytes. For machines to which strace
 * would have to be brought with its libraries; this one is static.
 * Exit status: the program's; 3 when it cannot be traced or a signal ends it.
 */
#include <ctype.h>
#include <linux/kvm.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHOWN 64 /* bytes of a write */
#define CALL_STOP (SIGTRAP | 0x80)
#define OPTIONS                                                                \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |    \
	 PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL)

static FILE *out;

static void print_written(pid_t thread, uint64_t address, uint64_t len)
{
	char bytes[SHOWN];
	struct iovec here = {bytes, len < SHOWN ? len : SHOWN};
	struct iovec there = {(void *)(uintptr_t)address, here.iov_len};
	ssize_t n = process_vm_readv(thread, &here, 1, &there, 1, 0);

	fputc('"', out);
	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			fputs("\\n", out);
		else if (isprint((unsigned char)bytes[i]))
			fputc(bytes[i], out);
		else
			fprintf(out, "\\%o", (unsigned char)bytes[i]);
	}
	fputc('"', out);
}

/* A thread stopped at the entry into a system call, or at its end. */
static void print_call(pid_t thread)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE,
						      (int)info.entry.nr);
	fprintf(out, "%d %s(%d, ", thread, name ? name : "unknown",
		(int)info.entry.args[0]);
	if (info.entry.nr == SYS_write)
		print_written(thread, info.entry.args[1], info.entry.args[2]);
	else if (info.entry.nr == SYS_ioctl && info.entry.args[1] == KVM_RUN)
		fputs("KVM_RUN", out);
	fputs(")\n", out);
	free(name);
}

/* The signal that a stopped thread gets when it continues. */
static int take_stop(pid_t thread, int status)
{
	int number = WSTOPSIG(status);

	if (number == CALL_STOP) {
		print_call(thread);
		return 0;
	}
	/* SIGTRAP: a new thread, or exec; SIGSTOP: a new thread's first stop. */
	return number == SIGTRAP || number == SIGSTOP ? 0 : number;
}

static int follow(pid_t program)
{
	int status;
	pid_t thread;

	while ((thread = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			ptrace(PTRACE_SYSCALL, thread, NULL,
			       take_stop(thread, status));
		else if (thread == program)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
	}
	return 3;
}

int main(int argc, char **argv)
{
	int status;

	out = argc > 2 ? fopen(argv[1], "we") : NULL;
	if (!out) {
		fprintf(stderr, "usage: tracer FILE PROGRAM [ARGUMENT]...\n");
		return 3;
	}
	pid_t program = fork();
	if (program == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execv(argv[2], argv + 2);
		perror(argv[2]);
		_exit(3);
	}
	if (program < 0 || waitpid(program, &status, 0) < 0 ||
	    ptrace(PTRACE_SETOPTIONS, program, NULL, OPTIONS) < 0 ||
	    ptrace(PTRACE_SYSCALL, program, NULL, 0) < 0) {
		perror("tracer");
		return 3;
	}
	status = follow(program);
	return fclose(out) == 0 ? status : 3;
}
