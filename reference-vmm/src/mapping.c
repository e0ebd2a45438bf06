/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The mappings and private storage, made before the sandbox closes. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "names.h"
#include "special.h"
#include "storage.h"

static int fail(char *message, size_t size, const char *what, const char *name,
		int error)
{
	snprintf(message, size, "%s %s: %s", what, name, strerror(-error));
	return error;
}

/* Divides a path into the directory that is opened, and a name in it. */
static int open_holder(struct mapping *mapping, char *path, const char *name)
{
	mapping->name = strdup(name);
	if (!mapping->name)
		return -ENOMEM;
	mapping->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return mapping->dir < 0 ? -errno : 0;
}

/* A name that is not there yet, in a directory that is: the guest may create it. */
static int open_missing(struct mapping *mapping, const char *host)
{
	char *path = strdup(host);
	int error = -ENOENT;

	if (!path)
		return -ENOMEM;
	char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	if (*name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
		char *holder = slash ? strndup(path, (size_t)(name - path))
				     : strdup(".");
		error = holder ? open_holder(mapping, holder, name) : -ENOMEM;
		free(holder);
	}
	free(path);
	return error;
}

/* Opens the host's file or directory for mapping. 0 or -errno. */
static int open_host(struct mapping *mapping, const char *host)
{
	char *path = realpath(host, NULL);
	int error = 0;

	struct stat st;
	if (!path)
		return errno == ENOENT && lstat(host, &st) < 0
			       ? open_missing(mapping, host)
			       : -ENOENT;
	mapping->dir = open(path, O_PATH | O_CLOEXEC);
	char *slash;
	if (mapping->dir < 0 || fstat(mapping->dir, &st) < 0) {
		error = -errno;
	} else if (!S_ISDIR(st.st_mode)) {
		mapping->file = mapping->dir;
		mapping->dir = -1;
		/* Absolute and not a directory: there is a slash and a name. */
		slash = strrchr(path, '/');
		char *name = strdup(slash + 1);
		slash[1] = '\0';
		error = name ? open_holder(mapping, path, name) : -ENOMEM;
		free(name);
	}
	free(path);
	return error;
}

/* Cuts "HOST:GUEST", and opens HOST. */
static int parse(struct mapping *mapping, const char *text, char *message,
		 size_t size)
{
	const char *colon = strrchr(text, ':');

	*mapping = (struct mapping){.dir = -1, .file = -1};
	if (!colon || colon == text || strlen(colon + 1) >= PATH_SIZE) {
		snprintf(message, size,
			 "mapping %s: not of the form HOST:GUEST", text);
		return -EINVAL;
	}
	char clean[PATH_CLEAN_SIZE];
	int error = path_clean(colon + 1, clean);
	if (error)
		return fail(message, size, "mapping: guest path of", text,
			    error);
	mapping->guest = strdup(clean);
	char *host = strndup(text, (size_t)(colon - text));
	error = mapping->guest && host ? open_host(mapping, host) : -ENOMEM;
	if (error)
		fail(message, size, "mapping:", host ? host : text, error);
	free(host);
	return error;
}

/* True if names_show() has been here. */
struct placeholders {
	pthread_mutex_t lock;
	atomic_bool made;
};

/* The root mapping: a fresh directory below tempdir. */
static int make_private(struct names *names, const char *tempdir)
{
	struct mapping *root = &names->mappings[names->count];

	*root = (struct mapping){.dir = -1, .file = -1, .private = true};
	root->guest = strdup("/");
	names->count++;
	if (!root->guest)
		return -ENOMEM;
	root->dir = storage_make(tempdir, &names->private_path);
	return root->dir < 0 ? root->dir : 0;
}

static void list_file(const struct names *names, const char *path, bool there)
{
	int root = names->mappings[0].dir;

	if (!there) {
		unlinkat(root, path + 1, 0);
		return;
	}
	int fd = openat(root, path + 1, O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd >= 0)
		close(fd);
}

/* The parents of a mapping in private storage, and the mapping as an entry. */
static void make_placeholder(const struct names *names,
			     const struct mapping *mapping)
{
	int root = names->mappings[0].dir;
	char path[PATH_CLEAN_SIZE];

	memcpy(path, mapping->guest, strlen(mapping->guest) + 1);
	for (char *s = strchr(path + 1, '/'); s; s = strchr(s + 1, '/')) {
		*s = '\0';
		mkdirat(root, path + 1, 0755);
		*s = '/';
	}
	if (mapping->file >= 0)
		list_file(names, path, true);
	else if (!mapping->name)
		mkdirat(root, path + 1, 0755);
}

/* Most guests never look: the files of a thousand mappings cost more than a start. */
void names_show(const struct names *names)
{
	struct placeholders *placeholders = names->placeholders;

	if (atomic_load(&placeholders->made))
		return;
	pthread_mutex_lock(&placeholders->lock);
	for (unsigned i = 1; !placeholders->made && i < names->count; i++)
		make_placeholder(names, &names->mappings[i]);
	atomic_store(&placeholders->made, true);
	pthread_mutex_unlock(&placeholders->lock);
}

void names_list(const struct names *names, const char *path, bool there)
{
	names_show(names);
	list_file(names, path, there);
}

const char *names_tempdir(const char *tempdir)
{
	if (!tempdir)
		tempdir = getenv("TMPDIR");
	return tempdir && *tempdir ? tempdir : "/tmp";
}

int names_init(struct names *names, const char *const *mappings, unsigned count,
	       const char *tempdir, char *message, size_t message_size)
{
	tempdir = names_tempdir(tempdir);
	*names = (struct names){
		.mappings = calloc(count + 1, sizeof(struct mapping)),
		.placeholders = calloc(1, sizeof(struct placeholders)),
	};
	if (!names->mappings || !names->placeholders)
		return fail(message, message_size, "mappings:", "", -ENOMEM);
	pthread_mutex_init(&names->placeholders->lock, NULL);
	int error = make_private(names, tempdir);
	if (error)
		return fail(message, message_size, "private storage in",
			    tempdir, error);
	for (unsigned i = 0; i < count; i++) {
		error = parse(&names->mappings[names->count++], mappings[i],
			      message, message_size);
		if (error)
			return error;
	}
	const struct mapping *twice = names_sort(names);
	if (twice)
		return fail(message, message_size,
			    "mappings: two have the guest path", twice->guest,
			    -EEXIST);
	return 0;
}

int names_refuse_special(struct names *names, char *message,
			 size_t message_size)
{
	for (unsigned i = 0; i < names->count; i++) {
		struct mapping *mapping = &names->mappings[i];
		if (mapping->private)
			continue;
		struct stat st;
		if (special_filesystem(mapping->dir) ||
		    (mapping->file >= 0 && (fstat(mapping->file, &st) < 0 ||
					    special_file(st.st_mode)))) {
			snprintf(message, message_size,
				 "mapping: what is to appear at %s is an "
				 "interface of the host's kernel, a device or "
				 "a socket; --allow-special allows it",
				 mapping->guest);
			return -EACCES;
		}
		mapping->devices = special_devices(mapping->dir);
	}
	names->guarded = true;
	return 0;
}

int names_remove_private(const struct names *names)
{
	return names->private_path ? storage_remove(names->private_path) : 0;
}

int names_release(struct names *names)
{
	int error = names_remove_private(names);

	free(names->private_path);
	for (unsigned i = 0; i < names->count; i++) {
		struct mapping *mapping = &names->mappings[i];
		if (mapping->dir >= 0)
			close(mapping->dir);
		if (mapping->file >= 0)
			close(mapping->file);
		free(mapping->guest);
		free(mapping->name);
	}
	free(names->mappings);
	free(names->placeholders);
	*names = (struct names){0};
	return error;
}
