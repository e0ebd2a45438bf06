/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Each layer of the sandbox bites: a child process enters it and then tries
 * what it gave up. Its exit status is the number of the step that went wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake.h"
#include "sandbox.h"

/* The child ends with 0; 77 skips the test. */
static void expect_success(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Runs a check in a child, in the sandbox; 77 when the host lacks the layer. */
static void in_sandbox(struct fake *fake, enum sandbox_layer layer,
		       int (*check)(struct fake *))
{
	pid_t child = fork();
	if (child == 0) {
		struct why why;
		int held =
			sandbox_enter(&fake->services.files.names, false, &why);
		if (held < 0)
			_exit(99);
		_exit(held & (int)layer ? check(fake) : 77);
	}
	expect_success(child);
}

static int no_foreign_files(struct fake *fake)
{
	char inside[128];
	if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES)
		return 1;
	if (open("/", O_RDONLY | O_DIRECTORY) >= 0 || errno != EACCES)
		return 2;
	snprintf(inside, sizeof(inside), "%s/outside", fake->directory);
	if (open(inside, O_CREAT | O_WRONLY, 0600) >= 0)
		return 3;
	snprintf(inside, sizeof(inside), "%s/inside", fake->data);
	if (open(inside, O_CREAT | O_RDWR | O_TRUNC, 0600) < 0)
		return 4;
	return unlinkat(AT_FDCWD, inside, 0) != 0 ? 5 : 0;
}

static int no_foreign_calls(struct fake *fake)
{
	(void)fake;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != ENOSYS)
		return 1;
	if (fork() >= 0)
		return 2;
	char *argv[] = {NULL};
	if (execve("/bin/true", argv, argv) != -1 || errno != ENOSYS)
		return 3;
	if (kill(getppid(), 0) == 0)
		return 4;
	return ioctl(0, 0x5401 /* TCGETS */) == 0 || errno != ENOSYS ? 5 : 0;
}

static int no_executable_memory(struct fake *fake)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return 1;
	if (mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0)
		return 2;
	if (mprotect(fake->ram, 4096, PROT_READ | PROT_EXEC) == 0)
		return 3;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED
		       ? 4
		       : 0;
}

/* True if /proc says so of a process. */
static bool has_no_new_privileges(pid_t process)
{
	char name[32], line[128];
	bool found = false;
	snprintf(name, sizeof(name), "/proc/%d/status", (int)process);
	FILE *status = fopen(name, "r");
	while (status && fgets(line, sizeof(line), status))
		found = found || strcmp(line, "NoNewPrivs:\t1\n") == 0;
	if (status)
		fclose(status);
	return found;
}

/* Seen from outside: prctl() is one of the calls that are given up. */
static void privileges(void **state)
{
	struct fake *fake = *state;
	int ready[2], go[2], status;
	char byte = 0;
	assert_int_equal(pipe(ready) | pipe(go), 0);
	pid_t child = fork();
	if (child == 0) {
		struct why why;
		close(go[1]);
		sandbox_enter(&fake->services.files.names, false, &why);
		_exit(write(ready[1], &byte, 1) != 1 ||
		      read(go[0], &byte, 1) != 0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_true(has_no_new_privileges(child));
	assert_false(has_no_new_privileges(getpid()));
	close(go[0]);
	close(go[1]);
	close(ready[0]);
	close(ready[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void landlock(void **state)
{
	in_sandbox(*state, SANDBOX_LANDLOCK, no_foreign_files);
}

/* A directory with a file, its neighbour and an empty directory. */
static void make_near(const struct fake *fake, char near[96])
{
	static const char *const files[] = {"file", "neighbour"};
	snprintf(near, 96, "%s/near", fake->directory);
	assert_int_equal(mkdir(near, 0755), 0);
	int dir = open(near, O_PATH | O_DIRECTORY);
	for (unsigned i = 0; i < 2; i++) {
		int fd = openat(dir, files[i], O_CREAT | O_WRONLY, 0600);
		assert_true(fd >= 0);
		close(fd);
	}
	assert_int_equal(mkdirat(dir, "empty", 0755), 0);
	close(dir);
}

/* Rights there besides using the file, a letter each, in this order. */
static void try_all(const char *near, char can[16])
{
	int dir = open(near, O_PATH | O_DIRECTORY);
	const struct {
		char letter;
		bool can;
	} tries[] = {
		{'l', open(near, O_RDONLY | O_DIRECTORY) >= 0},
		{'r', openat(dir, "neighbour", O_RDONLY) >= 0},
		{'w', openat(dir, "neighbour", O_WRONLY) >= 0},
		{'c', openat(dir, "new", O_CREAT | O_WRONLY, 0600) >= 0},
		{'d', mkdirat(dir, "newdir", 0700) == 0},
		{'s', symlinkat("/", dir, "newlink") == 0},
		{'R', unlinkat(dir, "empty", AT_REMOVEDIR) == 0},
		{'u', unlinkat(dir, "neighbour", 0) == 0},
	};
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		if (tries[i].can)
			*can++ = tries[i].letter;
	*can = '\0';
}

/* In a child: enters Landlock with one mapping, and tries. 0, or what failed. */
static int width(const struct fake *fake, const char *near, const char *mapped,
		 const char *tempdir, const char *expected)
{
	char mapping[200], message[256], can[16];
	const char *const mappings[] = {mapping}, *lacks;
	struct names names;
	snprintf(mapping, sizeof(mapping), "%s/%s:/m", fake->directory, mapped);
	if (names_init(&names, mappings, 1, tempdir, message, sizeof(message)))
		return 98;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (sandbox_landlock(&names, &lacks) < 0)
		return 77;
	try_all(near, can);
	if (strcmp(can, expected) == 0)
		return 0;
	fprintf(stderr, "%s: %s instead of %s\n", mapped, can, expected);
	return 1;
}

/* SECURITY.md says what Landlock cannot name more narrowly: that, and no more. */
static void landlock_is_as_wide_as_said(void **state)
{
	static const struct {
		const char *mapped, *can;
		bool tempdir; /* near holds private storage */
	} cases[] = {{"near/file", "u", false},
		     {"near/missing", "rwcu", false},
		     {"data", "R", true}};
	struct fake *fake = *state;
	char near[96], other[96];
	snprintf(other, sizeof(other), "%s/other", fake->directory);
	assert_int_equal(mkdir(other, 0755), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char command[128];
		int status;
		make_near(fake, near);
		pid_t child = fork();
		if (child == 0)
			_exit(width(fake, near, cases[i].mapped,
				    cases[i].tempdir ? near : other,
				    cases[i].can));
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		snprintf(command, sizeof(command), "rm -rf %s", near);
		assert_int_equal(system(command), 0);
		if (WEXITSTATUS(status) == 77)
			skip();
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

/* A kernel before 5.6, or a container that does not know the call. */
static void without_openat2(void **state)
{
	struct fake *fake = *state;
	for (int strict = 0; strict <= 1; strict++) {
		pid_t child = fork();
		if (child == 0) {
			struct why why = {.text = ""};
			scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
			if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
					     SCMP_SYS(openat2), 0) ||
			    seccomp_load(filter))
				_exit(77);
			int held = sandbox_enter(&fake->services.files.names,
						 strict, &why);
			_exit(strict ? held != -1 ||
					       !strstr(why.text, "openat2")
				     : held < 0 || held & SANDBOX_NAMES);
		}
		expect_success(child);
	}
}

static void seccomp_calls(void **state)
{
	in_sandbox(*state, SANDBOX_SECCOMP, no_foreign_calls);
}

static void seccomp_memory(void **state)
{
	in_sandbox(*state, SANDBOX_SECCOMP, no_executable_memory);
}

/* Descriptors from before main() are closed, those opened since are not. */
static void descriptors(void **state)
{
	struct fake *fake = *state;
	int low = open("/dev/null", O_RDONLY);
	int high = fcntl(low, F_DUPFD, 300);
	pid_t child = fork();
	if (child == 0) {
		struct why why;
		sandbox_note_inherited();
		int own = dup(STDERR_FILENO);
		if (sandbox_enter(&fake->services.files.names, false, &why) < 0)
			_exit(99);
		_exit(fcntl(own, F_GETFD) < 0     ? 1
		      : fcntl(low, F_GETFD) >= 0  ? 2
		      : fcntl(high, F_GETFD) >= 0 ? 3
						  : 0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(low);
	close(high);
}

/* A host's Landlock: what it knows, and how often it was asked. */
static struct landlock_rights known;
static unsigned asked;

static int old_host(const struct landlock_rights *wanted)
{
	asked++;
	if (wanted->scopes & ~known.scopes)
		return -E2BIG;
	if (wanted->files & ~known.files || wanted->network & ~known.network)
		return -EINVAL;
	return 7;
}

/* Rights are found by asking; what is missing has a name. */
static void landlock_of_old_hosts(void **state)
{
	static const struct {
		struct landlock_rights known;
		const char *lacks;
	} hosts[] = {
		{{0xffff, 3, 3}, NULL},
		{{0xffff, 3, 0}, "scopes of signals"},
		{{0x7fff, 3, 0}, "ioctl on devices"},
		{{0x7fff, 0, 0}, "TCP"},
		{{0x3fff, 0, 0}, "truncation"}, /* Linux 6.1 */
		{{0x1fff, 0, 0}, "renaming into other directories"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct landlock_rights granted;
		const char *lacks;
		known = hosts[i].known;
		asked = 0;
		assert_int_equal(
			sandbox_landlock_ask(old_host, &granted, &lacks), 7);
		assert_int_equal(asked, i + 1);
		assert_memory_equal(&granted, &known, sizeof(known));
		if (hosts[i].lacks)
			assert_string_equal(lacks, hosts[i].lacks);
		else
			assert_null(lacks);
	}
	struct landlock_rights granted;
	const char *lacks;
	known = (struct landlock_rights){0};
	assert_int_equal(sandbox_landlock_ask(old_host, &granted, &lacks),
			 -EINVAL);
}

int sandbox_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(privileges, fake_setup,
						fake_teardown),
		cmocka_unit_test_setup_teardown(landlock, fake_setup,
						fake_teardown),
		cmocka_unit_test_setup_teardown(seccomp_calls, fake_setup,
						fake_teardown),
		cmocka_unit_test_setup_teardown(seccomp_memory, fake_setup,
						fake_teardown),
		cmocka_unit_test(landlock_of_old_hosts),
		cmocka_unit_test_setup_teardown(landlock_is_as_wide_as_said,
						fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(without_openat2, fake_setup,
						fake_teardown),
		cmocka_unit_test_setup_teardown(descriptors, fake_setup,
						fake_teardown),
	};
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
