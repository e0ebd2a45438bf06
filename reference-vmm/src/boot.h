/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where everything lies in guest memory when the guest starts, and putting it
 * there (spec/80-boot.md).
 */
#ifndef BOOT_H
#define BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "gmem.h"
#include "image.h"
#include "message.h"

/* All addresses are guest-physical. */
struct boot {
	uint64_t ram_start, ram_size;
	uint64_t load; /* what is added to addresses as linked */
	uint64_t image_start, image_end;
	uint64_t stack; /* its lowest address, which is the stack pointer */
	uint64_t entry;
	uint64_t info;      /* struct uhyve_boot_info */
	unsigned interface; /* of the image */
	bool whole_gigabytes;
};

/* Boot information that only the running machine knows. */
struct boot_facts {
	const char *const *mounts; /* guest directories */
	unsigned mount_count;
	const char *bootargs;
	unsigned cpus;
	uint32_t counter_khz; /* 0: unknown */
	int64_t boot_time_ns; /* since the Unix epoch */
};

/*
 * Chooses the place of memory bytes of RAM, at a random one when the image is
 * relocatable and random is set, and of the image in it.
 */
int boot_place(struct boot *boot, const struct image *image, uint64_t memory,
	       bool random, struct why *why);

/*
 * Writes device tree, boot information, tables and image. ram is zero and lies
 * where boot says.
 */
int boot_write(const struct boot *boot, const struct image *image,
	       const struct gmem *ram, const struct boot_facts *facts,
	       struct why *why);

/*
 * Builds the device tree for boot and facts in size bytes at to; the bytes used
 * or, when size is too small, -1 with the reason.
 */
int devicetree_build(void *to, int size, const struct boot *boot,
		     const struct boot_facts *facts, struct why *why);

/*
 * "KERNEL_ARGS env=K=V ... -- APP_ARGS" in malloc'ed memory, NULL without
 * memory. Names and values of the environment are quoted for a shell.
 */
char *bootargs_build(const char *const *kernel, unsigned kernel_count,
		     const char *const *env, unsigned env_count,
		     const char *const *app, unsigned app_count);

#endif
