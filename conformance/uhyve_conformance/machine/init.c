/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first process of a machine that exists to run one list of jobs.
 *
 * Each job is a directory /jobs/NUMBER with a file "job", a file "stdin" and the
 * directory "work" that it runs in. They run in the order of their numbers, each
 * in a session and with a time limit of its own; whatever a job leaves running is
 * killed. What is seen of them goes out through the port as frames, a line
 * "KIND JOB LENGTH\n" and LENGTH bytes:
 *
 *	H  this machine: a text for its log; always the first frame
 *	B  the job begins
 *	O  bytes of its standard output; E of its standard error
 *	S  how it ended: "exit 0", "signal 9", "timeout", "flood", "enough" or
 *	   "error TEXT", then a newline and the seconds that it took
 *	N  a file afterwards: "KIND MODE SIZE COMPLETE", NUL, path, NUL, and its
 *	   bytes without the zeros at their end, or the target of the link
 *	D  the job is done; nothing else comes for it
 *	Z  all jobs are done
 *
 * The kernel's messages have the console for themselves. On the kernel's command
 * line: PORT=/dev/ttyS1 and NOW=SECONDS, the time, for machines without a clock.
 *
 * The file "job" is a list of NUL-terminated strings, each a letter and a value:
 *
 *	T  time limit in milliseconds      U  umask, octal
 *	I  user and group "0 0"            H  hold the standard input open
 *	A  an argument of the command      V  a variable of its environment
 *	Z  "SIZE PATH": make a file longer C  a path to collect, "" for all
 *	G  a path to leave out             L  largest content to collect, bytes
 *	O  most output to keep, bytes      F  most output before it is killed
 *	R  limits of open files            X  the standard output is full
 *	   "SOFT HARD"                     W  "BYTES MILLISECONDS": killed when it
 *	E  milliseconds that SIGTERM          continues for so long after so many
 *	   has to end it before that          bytes of it
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 2        /* between two looks whether a silent job ended */
#define MAX_STRINGS 1024 /* arguments, variables, paths of one job, each */

struct strings {
	char *at[MAX_STRINGS + 1]; /* a null pointer ends them */
	unsigned count; /* more than MAX_STRINGS: they are not all here */
};

struct job {
	unsigned number;
	long timeout_ms;
	mode_t umask;
	uid_t user;
	gid_t group;
	bool hold_stdin, full_stdout;
	int inherited; /* /dev/zero as this descriptor; 0: none */
	struct rlimit files;
	uint64_t content_limit, output_limit, output_flood;
	uint64_t enough;   /* bytes of output; 0: never */
	long continues_ms; /* that it then may continue */
	long terminate_ms; /* 0: it is killed at once */
	struct strings arguments, environment, longer, collect, ignore;
};

/* A job while it runs. */
struct run {
	const struct job *job;
	pid_t pid;
	int input, outputs[2];
	char *stdin_bytes;
	size_t stdin_size, stdin_done;
	uint64_t printed[2];
	const char *killed; /* why, or a null pointer */
};

static int port = -1;
/*
 * How much slower this machine is now than when it has a processor for itself.
 */
static double slowness = 1;

/* ---- Frames -------------------------------------------------------------- */

static void port_write(const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(port, bytes, size);
		if (n < 0 && errno != EINTR)
			return; /* the other side sees that frames are missing */
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		}
	}
}

static void frame(char kind, unsigned job, const void *bytes, size_t size)
{
	char head[64];
	int n = snprintf(head, sizeof(head), "%c %u %zu\n", kind, job, size);
	port_write(head, (size_t)n);
	port_write(bytes, size);
}

__attribute__((format(printf, 3, 4))) static void
frame_text(char kind, unsigned job, const char *format, ...)
{
	char text[1024];
	va_list arguments;
	va_start(arguments, format);
	int n = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (n >= (int)sizeof(text))
		n = sizeof(text) - 1;
	frame(kind, job, text, n < 0 ? 0 : (size_t)n);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- Files --------------------------------------------------------------- */

/* A whole file with a NUL after it; a null pointer when it cannot be read. */
static char *read_file(const char *path, size_t *size)
{
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info)) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	char *bytes = malloc((size_t)info.st_size + 1);
	size_t done = 0;
	ssize_t n = 1;
	while (bytes && n > 0 && done < (size_t)info.st_size) {
		n = read(fd, bytes + done, (size_t)info.st_size - done);
		if (n > 0)
			done += (size_t)n;
	}
	close(fd);
	if (bytes)
		bytes[done] = 0;
	*size = done;
	return bytes;
}

/* Removes a directory's content, without following links. */
static void empty(int directory)
{
	DIR *open_directory = fdopendir(directory);
	if (!open_directory) {
		close(directory);
		return;
	}
	for (struct dirent *entry; (entry = readdir(open_directory));) {
		const char *name = entry->d_name;
		if (!strcmp(name, ".") || !strcmp(name, ".."))
			continue;
		int below =
			openat(directory, name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			empty(below);
		unlinkat(directory, name, below >= 0 ? AT_REMOVEDIR : 0);
	}
	closedir(open_directory);
}

static bool listed(const struct strings *paths, const char *path)
{
	for (unsigned i = 0; i < paths->count; i++)
		if (!strcmp(paths->at[i], path))
			return true;
	return false;
}

static void collect_node(const struct job *job, const char *path,
			 const struct stat *info)
{
	const char *kind = S_ISREG(info->st_mode)   ? "file"
			   : S_ISDIR(info->st_mode) ? "dir"
			   : S_ISLNK(info->st_mode) ? "symlink"
						    : "other";
	char target[PATH_MAX];
	char *bytes = NULL;
	size_t size = 0;
	bool complete = true;
	if (S_ISLNK(info->st_mode)) {
		ssize_t n = readlink(path, target, sizeof(target));
		size = n < 0 ? 0 : (size_t)n;
	} else if (S_ISREG(info->st_mode)) {
		complete = (uint64_t)info->st_size <= job->content_limit;
		if (complete)
			complete = (bytes = read_file(path, &size));
		while (bytes && size && !bytes[size - 1])
			size--;
	}
	char head[PATH_MAX + 128];
	int n = snprintf(head, sizeof(head), "%s %o %lld %d%c%s%c", kind,
			 (unsigned)info->st_mode & 07777,
			 (long long)info->st_size, complete, 0, path, 0);
	char frame_head[64];
	int m = snprintf(frame_head, sizeof(frame_head), "N %u %zu\n",
			 job->number, (size_t)n + size);
	port_write(frame_head, (size_t)m);
	port_write(head, (size_t)n);
	port_write(bytes ? bytes : target, size);
	free(bytes);
}

/* Sends path, relative to the current directory, and what is below it. */
static void collect(const struct job *job, const char *path)
{
	struct stat info;
	if (listed(&job->ignore, path) || lstat(*path ? path : ".", &info))
		return;
	if (*path)
		collect_node(job, path, &info);
	DIR *directory =
		S_ISDIR(info.st_mode) ? opendir(*path ? path : ".") : NULL;
	if (!directory)
		return;
	for (struct dirent *entry; (entry = readdir(directory));) {
		char below[PATH_MAX];
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (snprintf(below, sizeof(below), "%s%s%s", path,
			     *path ? "/" : "",
			     entry->d_name) < (int)sizeof(below))
			collect(job, below);
	}
	closedir(directory);
}

/* ---- Jobs ---------------------------------------------------------------- */

static void add(struct strings *strings, char *value)
{
	if (strings->count < MAX_STRINGS)
		strings->at[strings->count] = value;
	strings->count++;
}

/* A job without its last argument would be another one. */
static bool is_whole(const struct job *job)
{
	const struct strings *all[] = {&job->arguments, &job->environment,
				       &job->longer, &job->collect,
				       &job->ignore};
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i]->count > MAX_STRINGS)
			return false;
	return job->arguments.count != 0;
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 10);
}

static void job_set(struct job *job, char key, char *value)
{
	char *end;
	switch (key) {
	case 'T':
		job->timeout_ms = (long)number(value);
		break;
	case 'U':
		job->umask = (mode_t)strtoul(value, NULL, 8);
		break;
	case 'I':
		job->user = (uid_t)strtoul(value, &end, 10);
		job->group = (gid_t)strtoul(end, NULL, 10);
		break;
	case 'R':
		job->files.rlim_cur = strtoul(value, &end, 10);
		job->files.rlim_max = strtoul(end, NULL, 10);
		break;
	case 'H':
		job->hold_stdin = true;
		break;
	case 'X':
		job->full_stdout = true;
		break;
	case 'N':
		job->inherited = (int)number(value);
		break;
	case 'E':
		job->terminate_ms = (long)number(value);
		break;
	case 'W':
		job->enough = strtoull(value, &end, 10);
		job->continues_ms = (long)number(end);
		break;
	case 'A':
		add(&job->arguments, value);
		break;
	case 'V':
		add(&job->environment, value);
		break;
	case 'Z':
		add(&job->longer, value);
		break;
	case 'C':
		add(&job->collect, value);
		break;
	case 'G':
		add(&job->ignore, value);
		break;
	case 'L':
		job->content_limit = number(value);
		break;
	case 'O':
		job->output_limit = number(value);
		break;
	case 'F':
		job->output_flood = number(value);
		break;
	}
}

/* Reads the file "job" of the current directory; the bytes stay allocated. */
static bool job_read(struct job *job)
{
	size_t size;
	char *bytes = read_file("job", &size);
	if (!bytes)
		return false;
	for (char *at = bytes; at < bytes + size; at += strlen(at) + 1)
		if (*at)
			job_set(job, *at, at + 1);
	return is_whole(job);
}

/* In the child: everything between fork and the command. Does not return. */
static void become(const struct job *job, int input, int output, int error)
{
	const struct rlimit no_core = {0, 0};
	const char *step = "its standard files";
	setsid();
	if (job->inherited)
		dup2(open("/dev/zero", O_RDWR | O_CLOEXEC), job->inherited);
	if (job->full_stdout)
		output = open("/dev/full", O_RDWR | O_CLOEXEC);
	if (dup2(input, 0) == 0 && dup2(output, 1) == 1 &&
	    dup2(error, 2) == 2) {
		setrlimit(RLIMIT_CORE, &no_core);
		setrlimit(RLIMIT_NOFILE, &job->files);
		umask(job->umask);
		signal(SIGPIPE, SIG_DFL);
		step = "its user";
		if (!setgroups(0, NULL) && !setgid(job->group) &&
		    !setuid(job->user)) {
			step = job->arguments.at[0];
			execve(step, (char *const *)job->arguments.at,
			       (char *const *)job->environment.at);
		}
	}
	/* The port is closed on exec, and still open here. */
	frame_text('S', job->number, "error %s: %s\n0", step, strerror(errno));
	_exit(127);
}

static void close_all(int *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* Starts the job in the current directory. */
static bool start(struct run *run)
{
	int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
	for (unsigned i = 0; i < 3; i++)
		if (pipe2(pipes[i], O_CLOEXEC)) {
			close_all(pipes[0], 6);
			return false;
		}
	run->pid = fork();
	if (!run->pid)
		become(run->job, pipes[0][0], pipes[1][1], pipes[2][1]);
	close(pipes[0][0]);
	close(pipes[1][1]);
	close(pipes[2][1]);
	run->input = pipes[0][1];
	run->outputs[0] = pipes[1][0];
	run->outputs[1] = pipes[2][0];
	fcntl(run->input, F_SETFL, O_NONBLOCK);
	return run->pid > 0;
}

static void feed(struct run *run)
{
	ssize_t n = write(run->input, run->stdin_bytes + run->stdin_done,
			  run->stdin_size - run->stdin_done);
	if (n > 0)
		run->stdin_done += (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		run->stdin_done = run->stdin_size; /* no one reads any more */
}

static void drain(struct run *run, unsigned stream)
{
	static char bytes[65536];
	const struct job *job = run->job;
	ssize_t n = read(run->outputs[stream], bytes, sizeof(bytes));
	if (n <= 0) {
		if (n < 0 && errno == EINTR)
			return;
		close(run->outputs[stream]);
		run->outputs[stream] = -1;
		return;
	}
	uint64_t before = run->printed[stream];
	uint64_t room =
		before < job->output_limit ? job->output_limit - before : 0;
	size_t kept = (uint64_t)n < room ? (size_t)n : (size_t)room;
	if (kept)
		frame(stream ? 'E' : 'O', job->number, bytes, kept);
	run->printed[stream] += (uint64_t)n;
	if (run->printed[0] + run->printed[1] > job->output_flood)
		run->killed = "flood";
}

/* True if the job's own process ended; it is still there to be waited for. */
static bool ended(const struct run *run)
{
	siginfo_t info = {.si_pid = 0};
	return waitid(P_PID, (id_t)run->pid, &info,
		      WEXITED | WNOWAIT | WNOHANG) ||
	       info.si_pid;
}

/* Waits until it ended, or is late: milliseconds of a machine that is not slow. */
static bool ends_within(const struct run *run, long ms)
{
	double deadline = now() + (double)ms / 1000 * slowness;
	while (!ended(run) && now() < deadline)
		poll(NULL, 0, LOOK_MS);
	return ended(run);
}

/*
 * True if it has printed all that is wanted of it, and continues: what comes out of
 * a process that is about to end anyway is another thing.
 */
static bool enough(const struct run *run)
{
	if (!run->job->enough || run->printed[0] < run->job->enough)
		return false;
	return !ends_within(run, run->job->continues_ms);
}

/*
 * Feeds and drains the job until it ended or must be killed. Its outputs are no
 * sign of its end: it may close them early, and a child may hold them open.
 */
static void watch(struct run *run, double deadline)
{
	while (!run->killed && !ended(run)) {
		if (run->stdin_done == run->stdin_size && run->input >= 0 &&
		    !run->job->hold_stdin) {
			close(run->input);
			run->input = -1;
		}
		bool feeding = run->stdin_done < run->stdin_size;
		struct pollfd fds[3] = {
			{.fd = run->outputs[0], .events = POLLIN},
			{.fd = run->outputs[1], .events = POLLIN},
			{.fd = feeding ? run->input : -1, .events = POLLOUT}};
		if (now() >= deadline)
			run->killed = "timeout";
		/* Its end is seen by the pipes at once, or by the next look. */
		if (poll(fds, 3, LOOK_MS) <= 0)
			continue;
		for (unsigned i = 0; i < 2; i++)
			if (fds[i].revents)
				drain(run, i);
		if (fds[2].revents)
			feed(run);
		if (!run->killed && enough(run))
			run->killed = "enough";
	}
}

/* Asks it to end, and waits until it did or is late. */
static void terminate(const struct run *run)
{
	kill(run->pid, SIGTERM);
	ends_within(run, run->job->terminate_ms);
}

static void report_end(const struct run *run, int status, double seconds)
{
	unsigned job = run->job->number;
	if (run->killed)
		frame_text('S', job, "%s\n%.4f", run->killed, seconds);
	else if (WIFEXITED(status))
		frame_text('S', job, "exit %d\n%.4f", WEXITSTATUS(status),
			   seconds);
	else
		frame_text('S', job, "signal %d\n%.4f", WTERMSIG(status),
			   seconds);
}

/* Runs the job in the current directory to its end and reports it. */
static void perform(const struct job *job)
{
	struct run run = {.job = job, .input = -1, .outputs = {-1, -1}};
	double begin = now();
	double deadline = begin + (double)job->timeout_ms / 1000 * slowness;
	run.stdin_bytes = read_file("../stdin", &run.stdin_size);
	if (!start(&run)) {
		frame_text('S', job->number, "error no process: %s\n0",
			   strerror(errno));
		free(run.stdin_bytes);
		return;
	}
	watch(&run, deadline);
	if (job->terminate_ms && run.killed &&
	    strcmp(run.killed, "enough") == 0)
		terminate(&run);
	double end = now();
	/* Everything but this process. */
	int status = 0;
	kill(-1, SIGKILL);
	waitpid(run.pid, &status, 0);
	while (waitpid(-1, NULL, 0) > 0)
		;
	/* What is still in the pipes; their other ends are closed. */
	for (unsigned i = 0; i < 2; i++)
		while (run.outputs[i] >= 0)
			drain(&run, i);
	close_all((int[]){run.input, run.outputs[0], run.outputs[1]}, 3);
	free(run.stdin_bytes);
	report_end(&run, status, end - begin);
}

static void make_longer(const struct job *job)
{
	for (unsigned i = 0; i < job->longer.count; i++) {
		char *path;
		unsigned long long size =
			strtoull(job->longer.at[i], &path, 10);
		if (*path != ' ' || truncate(path + 1, (off_t)size))
			frame_text('E', job->number, "init: %s: %s\n", path,
				   strerror(errno));
	}
}

static void run_job(unsigned number_of_job)
{
	static struct job job;
	char place[64];
	memset(&job, 0, sizeof(job));
	job.number = number_of_job;
	frame('B', job.number, "", 0);
	snprintf(place, sizeof(place), "/jobs/%u", job.number);
	if (chdir(place) || !job_read(&job) || chdir("work")) {
		frame_text('S', job.number,
			   "error no job in %s, or one too large\n0", place);
	} else {
		make_longer(&job);
		perform(&job);
		for (unsigned i = 0; i < job.collect.count; i++)
			collect(&job, job.collect.at[i]);
	}
	frame('D', job.number, "", 0);
	/* Its memory is for the next ones. */
	int directory = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (chdir("/") == 0 && directory >= 0)
		empty(directory);
}

/* ---- The machine --------------------------------------------------------- */

static void load_modules(void)
{
	struct dirent **names;
	int count = scandir("/modules", &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char path[300];
		snprintf(path, sizeof(path), "/modules/%s", names[i]->d_name);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (names[i]->d_name[0] != '.' &&
		    syscall(SYS_finit_module, fd, "", 0))
			frame_text('H', 0, "%s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
}

/* No line discipline may change a byte. */
static bool open_port(const char *path)
{
	struct termios modes;
	port = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (port < 0 || tcgetattr(port, &modes))
		return false;
	cfmakeraw(&modes);
	modes.c_cflag |= CLOCAL | CREAD;
	cfsetspeed(&modes, B115200);
	return !tcsetattr(port, TCSANOW, &modes);
}

/*
 * A machine that shares its processors with others is slower than alone, so time
 * limits grow with it, by how long it took to start.
 */
static void measure_slowness(void)
{
	const double idle = 1.5;
	slowness = now() / idle;
	if (slowness < 1)
		slowness = 1;
	if (slowness > 10)
		slowness = 10;
}

/*
 * What programs expect to find on any Linux, and devtmpfs alone does not have.
 */
static void complete_dev(void)
{
	mkdir("/dev/shm", 01777);
	mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777");
	mkdir("/dev/net", 0755);
	mknod("/dev/net/tun", S_IFCHR | 0666, makedev(10, 200));
	if (symlink("/proc/self/fd", "/dev/fd") ||
	    symlink("fd/0", "/dev/stdin") || symlink("fd/1", "/dev/stdout") ||
	    symlink("fd/2", "/dev/stderr"))
		frame_text('H', 0, "/dev: %s\n", strerror(errno));
	chmod("/dev/kvm", 0666);
}

static void set_clock(const char *seconds)
{
	struct timespec t = {seconds ? (time_t)number(seconds) : 0, 0};
	if (t.tv_sec)
		clock_settime(CLOCK_REALTIME, &t);
}

static void say_hello(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	frame_text('H', 0, "kvm: %s\nslowness: %.2f\nup: %.2f\n",
		   kvm < 0 ? strerror(errno) : "yes", slowness, now());
	if (kvm >= 0)
		close(kvm);
}

static int by_number(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	return (x > y) - (x < y);
}

static void run_all_jobs(void)
{
	DIR *directory = opendir("/jobs");
	unsigned *jobs = NULL, count = 0;
	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		if (entry->d_name[0] == '.')
			continue;
		unsigned *more = realloc(jobs, (count + 1) * sizeof(*jobs));
		if (!more)
			break; /* the other side sees that jobs are missing */
		jobs = more;
		jobs[count++] = (unsigned)number(entry->d_name);
	}
	if (directory)
		closedir(directory);
	if (count)
		qsort(jobs, count, sizeof(*jobs), by_number);
	for (unsigned i = 0; i < count; i++)
		run_job(jobs[i]);
	free(jobs);
}

int main(void)
{
	const char *path = getenv("PORT");
	signal(SIGPIPE, SIG_IGN);
	umask(0);
	mount("devtmpfs", "/dev", "devtmpfs", 0, "");
	mount("proc", "/proc", "proc", 0, "");
	mount("sysfs", "/sys", "sysfs", 0, "");
	if (!open_port(path ? path : "/dev/ttyS0"))
		perror("init: the port");
	set_clock(getenv("NOW"));
	load_modules();
	complete_dev();
	measure_slowness();
	say_hello();
	run_all_jobs();
	frame('Z', 0, "", 0);
	tcdrain(port);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
