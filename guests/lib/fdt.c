/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fdt.h"

#define BEGIN_NODE 1u
#define END_NODE 2u
#define PROPERTY 3u
#define NOP 4u
#define END 9u

uint32_t fdt_u32(const void *at)
{
	const uint8_t *b = at;
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

uint64_t fdt_u64(const void *at)
{
	return (uint64_t)fdt_u32(at) << 32 | fdt_u32((const char *)at + 4);
}

static bool same(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && !memcmp(a, b, strlen(a));
}

/* The length of the component of path if the node's name is that one, else 0. */
static size_t component(const char *path, const char *name)
{
	size_t n = 0;
	while (path[n] && path[n] != '/')
		n++;
	if (memcmp(path, name, n) || (name[n] && name[n] != '@'))
		return 0;
	return n;
}

/* One walk through the tree, for all questions. */
struct walk {
	const char *path, *name, *value; /* value: count nodes that have it */
	const char *child;               /* or count children of that name */
	const char *found;
	uint32_t len;
	unsigned count, depth, matched;
};

static void take_property(struct walk *walk, const char *name, const char *data,
			  uint32_t len)
{
	bool here = walk->depth == walk->matched && !*walk->path;
	bool below = walk->depth > walk->matched && !*walk->path;
	if (!walk->name || !same(name, walk->name))
		return;
	if (here && !walk->found) {
		walk->found = data;
		walk->len = len;
	}
	if (below && walk->value && len == strlen(walk->value) + 1 &&
	    same(data, walk->value))
		walk->count++;
}

static void enter(struct walk *walk, const char *name)
{
	/* The root is depth 1 and has no name. */
	if (walk->depth == 0 && *walk->path == '/') {
		walk->path++;
		walk->matched = 1;
	} else if (walk->depth == walk->matched && *walk->path) {
		size_t n = component(walk->path, name);
		if (n) {
			walk->path += n + (walk->path[n] == '/');
			walk->matched++;
		}
	} else if (walk->depth == walk->matched && walk->child &&
		   component(walk->child, name)) {
		walk->count++;
	}
	walk->depth++;
}

static void walk_tree(struct walk *walk)
{
	const char *tree = (const char *)(uintptr_t)boot_info->device_tree.addr;
	const char *at = tree + fdt_u32(tree + 8);
	const char *strings = tree + fdt_u32(tree + 12);
	for (;;) {
		uint32_t token = fdt_u32(at);
		at += 4;
		if (token == BEGIN_NODE) {
			enter(walk, at);
			at += (strlen(at) + 4) & ~3ul;
		} else if (token == PROPERTY) {
			uint32_t len = fdt_u32(at);
			take_property(walk, strings + fdt_u32(at + 4), at + 8,
				      len);
			at += 8 + ((len + 3) & ~3u);
		} else if (token == END_NODE) {
			/* After the node that was looked for: nothing more. */
			if (walk->depth-- == walk->matched && !*walk->path)
				return;
			if (walk->depth < walk->matched)
				return;
		} else if (token != NOP) {
			return;
		}
	}
}

bool fdt_whole(void)
{
	const char *tree = (const char *)(uintptr_t)boot_info->device_tree.addr;
	const char *at = tree + fdt_u32(tree + 8);
	const char *end = at + fdt_u32(tree + 36);
	for (unsigned depth = 0; at < end;) {
		uint32_t token = fdt_u32(at);
		at += 4;
		if (token == END)
			return depth == 0;
		if (token == BEGIN_NODE) {
			depth++;
			at += (strlen(at) + 4) & ~3ul;
		} else if (token == PROPERTY && depth > 0) {
			at += 8 + ((fdt_u32(at) + 3) & ~3u);
		} else if (token == END_NODE && depth > 0) {
			depth--;
		} else if (token != NOP) {
			return false;
		}
	}
	return false;
}

const char *fdt_property(const char *path, const char *name, uint32_t *len)
{
	struct walk walk = {.path = path, .name = name};
	walk_tree(&walk);
	*len = walk.len;
	return walk.found;
}

unsigned fdt_count(const char *path, const char *name, const char *value)
{
	struct walk walk = {.path = path, .name = name, .value = value};
	walk_tree(&walk);
	return walk.count;
}

unsigned fdt_children(const char *path, const char *name)
{
	struct walk walk = {.path = path, .child = name};
	walk_tree(&walk);
	return walk.count;
}

bool fdt_list_has(const char *list, uint32_t len, const char *string)
{
	for (uint32_t at = 0; at < len; at += (uint32_t)strlen(list + at) + 1)
		if (same(list + at, string))
			return true;
	return false;
}
