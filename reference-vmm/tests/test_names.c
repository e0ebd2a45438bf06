/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Mappings, links, private storage: what can be named, and what cannot. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fake.h"

#define RD UHYVE_O_RDONLY
#define WR UHYVE_O_WRONLY
#define CREATE UHYVE_O_CREAT
#define DIRECTORY UHYVE_O_DIRECTORY

/* A symbolic link in the mapped directory. */
static void host_link(struct fake *fake, const char *target, const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", fake->data, name);
	assert_int_equal(symlink(target, path), 0);
}

static void host_mkdir(struct fake *fake, const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", fake->data, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

/* The first byte of a file by name, or why it cannot be read. */
static int first(struct fake *fake, const char *name)
{
	int32_t fd = fake_open(fake, name, RD, 0);

	if (fd < 0)
		return fd;
	assert_int_equal(fake_file_read(fake, fd, FAKE_BUFFER, 1), 1);
	assert_int_equal(fake_close(fake, fd), 0);
	return *(const uint8_t *)fake_at(fake, FAKE_BUFFER);
}

static void same_names(void **state)
{
	struct fake *fake = *state;
	static const char *const names[] = {
		"/data/d/f",           "data/d/f",          "//data///d/f/",
		"./data/./d/f",        "/data/x/../d/f",    "../../data/d/f",
		"/data/d/f/../../d/f", "/data/d/link/../f",
	};

	host_mkdir(fake, "d");
	host_write(fake, "d/f", "F");
	host_link(fake, "/", "d/link");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(first(fake, names[i]), 'F');
	assert_int_equal(first(fake, "/data/../d/f"), -ENOENT);
	assert_int_equal(first(fake, "/dat/d/f"), -ENOENT);
	assert_int_equal(first(fake, "/datax/d/f"), -ENOENT);
	assert_int_equal(first(fake, "/data/\xff"), -EINVAL);
	assert_int_equal(first(fake, ""), -ENOENT);
	assert_int_equal(fake_open(fake, "", WR | CREATE, 0644), -ENOENT);
	assert_int_equal(fake_open(fake, "..", WR | CREATE, 0644), -EISDIR);
	assert_int_equal(fake_open(fake, "/data/..", WR | CREATE, 0644),
			 -EISDIR);
}

static void links(void **state)
{
	struct fake *fake = *state;
	static const char *const out[] = {"up", "absolute", "upper/secret",
					  "proc", "chain"};
	char path[160], name[32];

	snprintf(path, sizeof(path), "%s/secret", fake->directory);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	host_write(fake, "f", "F");
	host_mkdir(fake, "d");
	host_link(fake, "f", "in");
	host_link(fake, "../f", "d/in");
	host_link(fake, "d", "dir");
	host_link(fake, "../secret", "up");
	host_link(fake, "/etc/passwd", "absolute");
	host_link(fake, "..", "upper");
	host_link(fake, "/proc/self/exe", "proc");
	host_link(fake, "up", "chain");
	host_link(fake, "loop", "loop");
	host_link(fake, "new", "dangling");
	host_link(fake, "../new", "dangling-out");
	assert_int_equal(first(fake, "/data/in"), 'F');
	assert_int_equal(first(fake, "/data/d/in"), 'F');
	assert_int_equal(first(fake, "/data/dir/in"), 'F');
	assert_int_equal(first(fake, "/data/loop"), -ELOOP);
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
		snprintf(name, sizeof(name), "/data/%s", out[i]);
		assert_int_equal(first(fake, name), -EPERM);
		assert_int_equal(fake_open(fake, name, WR | CREATE, 0644),
				 -EPERM);
	}
	/* Removal, too, only below. */
	assert_int_equal(fake_unlink(fake, "/data/upper/secret"), -EPERM);
	assert_int_equal(readlink(path, name, sizeof(name)), 11);
	/* A new file through a link, inside but not outside. */
	assert_int_equal(
		fake_open(fake, "/data/dangling-out", WR | CREATE, 0644),
		-EPERM);
	assert_int_equal(fake_open(fake, "/data/dangling", WR | CREATE, 0644),
			 3);
	assert_int_equal(host_read(fake->data, "new", name, sizeof(name)), 0);
	assert_int_equal(host_read(fake->directory, "new", name, sizeof(name)),
			 -ENOENT);
	/* Unlinking removes the link itself. */
	assert_int_equal(fake_unlink(fake, "/data/in"), 0);
	assert_int_equal(first(fake, "/data/f"), 'F');
}

static void private_files(void **state)
{
	struct fake *fake = *state;
	char name[300];

	assert_int_equal(first(fake, "/etc/passwd"), -ENOENT);
	int32_t fd = fake_open(fake, "/etc/passwd", WR | CREATE, 0644);
	assert_int_equal(fd, 3);
	assert_int_equal(fake_put(fake, fd, "P"), 1);
	assert_int_equal(first(fake, "etc/passwd"), 'P');
	assert_int_equal(fake_open(fake, "/etc/passwd",
				   WR | CREATE | UHYVE_O_EXCL, 0644),
			 -EEXIST);
	assert_int_equal(fake_open(fake, "/etc", RD | DIRECTORY, 0), 4);
	assert_int_equal(fake_open(fake, "/", RD | DIRECTORY, 0), 5);
	assert_int_equal(fake_open(fake, "/etc/passwd/x", WR | CREATE, 0644),
			 -ENOTDIR);
	/* Parents that were invented in vain go away again. */
	memset(name, 'x', sizeof(name));
	memcpy(name, "/a/b/c/", 7);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(fake_open(fake, name, WR | CREATE, 0644),
			 -ENAMETOOLONG);
	assert_int_equal(fake_open(fake, "/a", RD, 0), -ENOENT);
	assert_int_equal(fake_unlink(fake, "/etc/passwd"), 0);
	assert_int_equal(first(fake, "/etc/passwd"), -ENOENT);
	assert_int_equal(fake_put(fake, fd, "Q"), 1);
	assert_int_equal(fake_unlink(fake, "/etc"), -EISDIR);
}

/* Missing parents are invented in private storage only. */
static void mapped_parents(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(fake_open(fake, "/data/no/f", WR | CREATE, 0644),
			 -ENOENT);
	assert_int_equal(fake_open(fake, "/data/no", RD, 0), -ENOENT);
}

/* Calls that invent parents in vain disturb no others. */
static void *in_vain(void *argument)
{
	const struct names *names = argument;
	char name[300];

	memset(name, 'x', sizeof(name));
	memcpy(name, "/p/q/", 5);
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 2000; i++)
		names_open(names, name, O_CREAT | O_WRONLY, 0644);
	return NULL;
}

static void parents_at_a_time(void **state)
{
	struct fake *fake = *state;
	const struct names *names = &fake->services.files.names;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, in_vain,
					&fake->services.files.names),
			 0);
	for (int i = 0; i < 500; i++) {
		int fd = names_open(names, "/p/q/f", O_CREAT | O_WRONLY, 0644);
		assert_true(fd >= 0);
		close(fd);
		assert_int_equal(names_unlink(names, "/p/q/f"), 0);
	}
	pthread_join(thread, NULL);
}

/* ---- Other mappings than the fixture's ----------------------------------- */

struct config {
	const char *mappings[4];
	unsigned count;
	int error;
	const char *says;
};

static void refused(void **state)
{
	static const struct config cases[] = {
		{{"/data"}, 1, -EINVAL, "HOST:GUEST"},
		{{":/data"}, 1, -EINVAL, "HOST:GUEST"},
		{{"/tmp:"}, 1, -ENOENT, "/tmp:"},
		{{"/tmp:\xff"}, 1, -EINVAL, "guest path"},
		{{"/no/such:/data"}, 1, -ENOENT, "/no/such"},
		{{"/tmp:/data", "/no/such:/x"}, 2, -ENOENT, "/no/such"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct names names;
		char message[256] = "";
		assert_int_equal(names_init(&names, cases[i].mappings,
					    cases[i].count, NULL, message,
					    sizeof(message)),
				 cases[i].error);
		assert_non_null(strstr(message, cases[i].says));
		assert_null(strchr(message, '\n'));
		names_release(&names);
	}
}

/* Opens a name on the host and reads its first byte. */
static int first_of(const struct names *names, const char *path)
{
	char byte;
	int fd = names_open(names, path, O_RDONLY, 0);

	if (fd < 0)
		return fd;
	assert_int_equal(read(fd, &byte, 1), 1);
	close(fd);
	return byte;
}

static bool listed(const struct names *names, const char *path,
		   const char *name)
{
	DIR *dir =
		fdopendir(names_open(names, path, O_RDONLY | O_DIRECTORY, 0));
	const struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) && strcmp(entry->d_name, name) != 0)
		;
	closedir(dir);
	return entry != NULL;
}

static void nested_and_single(void **state)
{
	struct fake *fake = *state;
	char all[160], sub[160], file[160], message[256];
	const char *const mappings[] = {all, sub, file};
	struct names names;
	struct stat st;

	host_mkdir(fake, "d");
	host_write(fake, "d/f", "D");
	host_write(fake, "f", "F");
	host_write(fake, "single", "S");
	snprintf(all, sizeof(all), "%s:/m", fake->data);
	snprintf(sub, sizeof(sub), "%s/d:/m/deep/sub", fake->data);
	snprintf(file, sizeof(file), "%s/single:/some/where/file.txt",
		 fake->data);
	assert_int_equal(
		names_init(&names, mappings, 3, NULL, message, sizeof(message)),
		0);
	assert_int_equal(first_of(&names, "/m/f"), 'F');
	assert_int_equal(first_of(&names, "/m/deep/sub/f"), 'D');
	assert_int_equal(first_of(&names, "/m/d/f"), 'D');
	assert_int_equal(first_of(&names, "/some/where/file.txt"), 'S');
	assert_int_equal(first_of(&names, "/some/where/file.txt/x"), -ENOTDIR);
	assert_int_equal(
		names_stat(&names, "/some/where/file.txt/x", true, &st),
		-ENOTDIR);
	assert_int_equal(names_mkdir(&names, "/some/where/file.txt/x"),
			 -ENOTDIR);
	assert_int_equal(names_unlink(&names, "/some/where/file.txt/x"),
			 -ENOTDIR);
	/* The neighbours of a mapped file cannot be named. */
	assert_int_equal(first_of(&names, "/some/where/f"), -ENOENT);
	/* Parents of mappings are directories that list them. */
	assert_int_equal(names_stat(&names, "/some/where", true, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(names_unlink(&names, "/some"), -EISDIR);
	assert_int_equal(names_mkdir(&names, "/some/where"), -EEXIST);
	assert_int_equal(names_mkdir(&names, "/m"), -EEXIST);
	assert_int_equal(names_mkdir(&names, "/some/where/file.txt"), -EEXIST);
	/* A mapped file can be removed and made again, on the host. */
	assert_int_equal(names_unlink(&names, "/some/where/file.txt"), 0);
	assert_int_equal(first_of(&names, "/some/where/file.txt"), -ENOENT);
	assert_int_equal(host_read(fake->data, "single", message, 8), -ENOENT);
	assert_false(listed(&names, "/some/where", "file.txt"));
	int fd = names_open(&names, "/some/where/file.txt", O_CREAT | O_WRONLY,
			    0644);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(host_read(fake->data, "single", message, 8), 0);
	assert_true(listed(&names, "/some/where", "file.txt"));
	names_release(&names);
}

/* A link that takes the place of a mapped file is not followed. */
static void single_replaced(void **state)
{
	struct fake *fake = *state;
	char file[160], message[256];
	const char *const mappings[] = {file};
	struct names names;

	host_write(fake, "f", "F");
	host_write(fake, "single", "S");
	snprintf(file, sizeof(file), "%s/single:/f", fake->data);
	assert_int_equal(
		names_init(&names, mappings, 1, NULL, message, sizeof(message)),
		0);
	assert_int_equal(names_unlink(&names, "/f"), 0);
	host_link(fake, "f", "single");
	assert_int_equal(first_of(&names, "/f"), -ELOOP);
	names_release(&names);
}

static void root_mapped(void **state)
{
	struct fake *fake = *state;
	char root[160], message[256];
	const char *const mappings[] = {root};
	struct names names;

	host_write(fake, "f", "F");
	snprintf(root, sizeof(root), "%s:/", fake->data);
	assert_int_equal(
		names_init(&names, mappings, 1, NULL, message, sizeof(message)),
		0);
	assert_int_equal(first_of(&names, "/f"), 'F');
	assert_int_equal(names_open(&names, "/no/f", O_CREAT | O_WRONLY, 0644),
			 -ENOENT);
	assert_int_equal(names_unlink(&names, "/"), -EISDIR);
	names_release(&names);
}

/* Nothing that acts on the host's kernel or on this process. */
static void special_refused(void **state)
{
	static const char *const refused[] = {"/proc:/p", "/proc/self/mem:/m",
					      "/sys:/s", "/dev/null:/n"};
	struct names names;
	char message[256];

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(names_init(&names, &refused[i], 1, NULL,
					    message, sizeof(message)),
				 0);
		assert_int_equal(
			names_refuse_special(&names, message, sizeof(message)),
			-EACCES);
		assert_non_null(strstr(message, "--allow-special"));
		names_release(&names);
	}
}

/* Below a mapping of everything: mounts are followed, what is special is not. */
static void special_below(void **state)
{
	static const char *const everything[] = {"/:/host"};
	static const char *const special[] = {
		"/host/proc/self/mem",    "/host/proc",
		"/host/proc/self/status", "/host/sys/kernel",
		"/host/dev/null",         "/host/dev/zero"};
	struct names names;
	char message[256];
	int fd;

	(void)state;
	assert_int_equal(names_init(&names, everything, 1, NULL, message,
				    sizeof(message)),
			 0);
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		fd = names_open(&names, special[i], O_RDONLY, 0);
		if (fd >= 0) /* without the guard: it is there */
			close(fd);
		assert_true(fd >= 0 || i == 0);
	}
	assert_int_equal(names_refuse_special(&names, message, sizeof(message)),
			 0);
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		assert_int_equal(names_open(&names, special[i], O_RDONLY, 0),
				 -EACCES);
	assert_int_equal(names_open(&names, "/host/dev/null", O_WRONLY, 0),
			 -EACCES);
	assert_int_equal(names_mkdir(&names, "/host/proc/x"), -EACCES);
	fd = names_open(&names, "/host/etc/passwd", O_RDONLY, 0);
	assert_true(fd >= 0);
	close(fd);
	fd = names_open(&names, "/host/dev/shm", O_RDONLY | O_DIRECTORY, 0);
	assert_true(fd >= 0 || fd == -ENOENT);
	if (fd >= 0)
		close(fd);
	names_release(&names);
}

/* A directory of the fixture as the mapping /m, guarded. */
static void guard(struct fake *fake, struct names *names, enum devices devices)
{
	char mapping[160], message[256];
	const char *const mappings[] = {mapping};

	snprintf(mapping, sizeof(mapping), "%s:/m", fake->data);
	assert_int_equal(
		names_init(names, mappings, 1, NULL, message, sizeof(message)),
		0);
	assert_int_equal(names_refuse_special(names, message, sizeof(message)),
			 0);
	/* As if the file system were another one. */
	names->mappings[1].devices = devices;
}

/* Device nodes beside ordinary files, whatever is known of the file system. */
static void devices_in_mapping(void **state)
{
	static const enum devices kinds[] = {DEVICES_HARDLY, DEVICES_LIKELY};
	struct fake *fake = *state;
	struct names names;
	char path[160];

	snprintf(path, sizeof(path), "%s/zero", fake->data);
	if (mknod(path, S_IFCHR | 0666, makedev(1, 5)) < 0)
		skip(); /* not root, or in a container */
	host_write(fake, "f", "F");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		guard(fake, &names, kinds[i]);
		assert_int_equal(first_of(&names, "/m/zero"), -EACCES);
		assert_int_equal(names_open(&names, "/m/zero", O_WRONLY, 0),
				 -EACCES);
		assert_int_equal(
			names_open(&names, "/m/zero", O_WRONLY | O_CREAT, 0600),
			-EACCES);
		assert_int_equal(names_open(&names, "/m/zero",
					    O_WRONLY | O_CREAT | O_EXCL, 0600),
				 -EEXIST);
		assert_int_equal(first_of(&names, "/m/f"), 'F');
		names_release(&names);
	}
}

/* Another process that exchanges a file, a link out and a device, all the time. */
static pid_t start_renamer(struct fake *fake)
{
	static const char *const others[] = {"link", "zero", "dirlink"};
	pid_t renamer = fork();

	if (renamer != 0)
		return renamer;
	/* Not longer than this program, however it ends. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int dir = open(fake->data, O_PATH | O_DIRECTORY);
	for (unsigned i = 0;; i = (i + 1) % 3) {
		const char *name = i == 2 ? "d" : "f";
		renameat2(dir, name, dir, others[i], RENAME_EXCHANGE);
		renameat2(dir, name, dir, others[i], RENAME_EXCHANGE);
	}
}

/* While others rename, a name gives a file inside the mapping, or an error. */
static void renames(void **state)
{
	struct fake *fake = *state;
	struct names names;
	struct timespec now, begin;
	struct stat st, outside;
	unsigned inside = 0, refused = 0;
	char path[160];
	int status;

	host_mkdir(fake, "d");
	host_write(fake, "d/f", "F");
	host_write(fake, "f", "F");
	host_link(fake, "../secret", "link");
	host_link(fake, "..", "dirlink");
	snprintf(path, sizeof(path), "%s/zero", fake->data);
	if (mknod(path, S_IFCHR | 0666, makedev(1, 5)) < 0)
		host_write(fake, "zero", "F");
	/* Must stay out of reach: /secret and /f beside the mapped directory. */
	for (unsigned i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", fake->directory,
			 i ? "f" : "secret");
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fputs("X", file);
		fclose(file);
	}
	assert_int_equal(stat(path, &outside), 0);
	guard(fake, &names, DEVICES_HARDLY);
	pid_t renamer = start_renamer(fake);
	assert_true(renamer > 0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		for (unsigned i = 0; i < 64; i++) {
			int byte = first_of(&names, i & 1 ? "/m/d/f" : "/m/f");
			inside += byte == 'F';
			refused += byte < 0;
			assert_true(byte == 'F' || byte == -EPERM ||
				    byte == -EACCES || byte == -ENOENT ||
				    byte == -EAGAIN);
			if (names_stat(&names, "/m/d/f", true, &st) == 0)
				assert_int_not_equal(st.st_ino, outside.st_ino);
			names_unlink(&names, "/m/d/secret");
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - begin.tv_sec < 10 &&
		 (now.tv_sec == begin.tv_sec || inside < 100 || refused < 100));
	kill(renamer, SIGKILL);
	assert_int_equal(waitpid(renamer, &status, 0), renamer);
	names_release(&names);
	/* Both happened, and outside all is as it was. */
	assert_true(inside >= 100);
	assert_true(refused >= 100);
	assert_int_equal(host_read(fake->directory, "secret", path, 8), 1);
}

/* The guest may create what is not there yet. */
static void missing_file(void **state)
{
	struct fake *fake = *state;
	char mapping[160], message[256], path[160];
	const char *const mappings[] = {mapping};
	struct names names;
	struct stat st;

	snprintf(mapping, sizeof(mapping), "%s/new:/m/new", fake->data);
	assert_int_equal(
		names_init(&names, mappings, 1, NULL, message, sizeof(message)),
		0);
	assert_int_equal(names_open(&names, "/m/new", O_RDONLY, 0), -ENOENT);
	assert_int_equal(names_stat(&names, "/m/new", true, &st), -ENOENT);
	int fd = names_open(&names, "/m/new", O_CREAT | O_WRONLY, 0644);
	assert_true(fd >= 0);
	close(fd);
	snprintf(path, sizeof(path), "%s/new", fake->data);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(names_unlink(&names, "/m/new"), 0);
	names_release(&names);
}

/* Names that differ from a mapping's only after it, in an unlucky order. */
static void innermost(void **state)
{
	struct fake *fake = *state;
	static const char *const guests[] = {"/a/b",     "/a.b", "/a",
					     "/a/b/c/d", "/a-b", "/b"};
	static const struct {
		const char *path, *guest, *rest;
	} cases[] = {
		{"/a", "/a", ""},
		{"/a/b", "/a/b", ""},
		{"/a/bc", "/a", "bc"},
		{"/a/b/c", "/a/b", "c"},
		{"/a/b/c/e", "/a/b", "c/e"},
		{"/a/b/c/d/e", "/a/b/c/d", "e"},
		{"/a.b", "/a.b", ""},
		{"/a.b/x", "/a.b", "x"},
		{"/a-b/x", "/a-b", "x"},
		{"/a+", "/", "a+"},
		{"/ab", "/", "ab"},
		{"/z", "/", "z"},
		{"/b/a", "/b", "a"},
		{"/", "/", ""},
	};
	char texts[6][160], message[256];
	const char *mappings[7];
	struct names names;

	for (unsigned i = 0; i < 6; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%s:%s", fake->data,
			 guests[i]);
		mappings[i] = texts[i];
	}
	assert_int_equal(
		names_init(&names, mappings, 6, NULL, message, sizeof(message)),
		0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *rest;
		const struct mapping *found =
			names_lookup(&names, cases[i].path, &rest);
		assert_string_equal(found->guest, cases[i].guest);
		assert_string_equal(rest, cases[i].rest);
	}
	names_release(&names);
	mappings[6] = texts[3];
	assert_int_equal(
		names_init(&names, mappings, 7, NULL, message, sizeof(message)),
		-EEXIST);
	assert_string_equal(message, "mappings: two have the guest path "
				     "/a/b/c/d: File exists");
	names_release(&names);
}

/* A pipe without another end makes no call wait. */
static void pipes(void **state)
{
	struct fake *fake = *state;
	char path[160];

	snprintf(path, sizeof(path), "%s/pipe", fake->data);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(fake_open(fake, "/data/pipe", WR, 0), -ENXIO);
	assert_int_equal(fake_open(fake, "/data/pipe", RD, 0), 3);
	assert_int_equal(fake_lseek(fake, 3, 0, UHYVE_SEEK_CUR), -ESPIPE);
	assert_int_equal(fake_open(fake, "/data/pipe", WR, 0), 4);
	/* Nothing in it: the read waits, until the machine ends. */
	services_stop(&fake->services);
	assert_int_equal(fake_file_read(fake, 3, FAKE_BUFFER, 1), -EINTR);
}

#define WITH_FAKE(f)                                                           \
	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int name_tests(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FAKE(same_names),
		WITH_FAKE(links),
		WITH_FAKE(private_files),
		WITH_FAKE(mapped_parents),
		WITH_FAKE(parents_at_a_time),
		cmocka_unit_test(refused),
		WITH_FAKE(nested_and_single),
		WITH_FAKE(single_replaced),
		WITH_FAKE(root_mapped),
		WITH_FAKE(pipes),
		WITH_FAKE(innermost),
		WITH_FAKE(missing_file),
		WITH_FAKE(devices_in_mapping),
		WITH_FAKE(renames),
		cmocka_unit_test(special_refused),
		cmocka_unit_test(special_below),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
