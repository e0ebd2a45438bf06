/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot.h"

#include <inttypes.h>
#include <sys/random.h>
#include <uhyve_interface/boot.h>

#include "arch.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* RAM may lie in [first, end) (UHY-BOOT-030). */
struct window {
	uint64_t first, end;
	uint64_t random_end; /* where it ends at most at a random place */
};

static struct window window_of(const struct image *image)
{
	if (image->interface == 1)
		return (struct window){arch.v1_ram_first, arch.v1_ram_end,
				       arch.v1_random_end};
	return (struct window){UHYVE_RAM_FIRST, UHYVE_RAM_END, UHYVE_RAM_END};
}

/*
 * True if the last large page of the image would be the last one of a gigabyte.
 * Kernels of interface 2 crash there: what follows them lies in a gigabyte
 * of which nothing is mapped.
 */
static bool ends_gigabyte(uint64_t ram_start, const struct image *image)
{
	uint64_t end = ram_start + UHYVE_BOOT_IMAGE + image->end;
	return (end + UHYVE_RAM_ALIGN - 1) / UHYVE_RAM_ALIGN * UHYVE_RAM_ALIGN %
		       GIB ==
	       0;
}

/* A multiple of 2 MiB in [first, last]; first is one (UHY-BOOT-031). */
static uint64_t random_place(uint64_t first, uint64_t last,
			     const struct image *image)
{
	uint64_t places = (last - first) / UHYVE_RAM_ALIGN + 1, number;
	/* A bias of 2^-40 does no harm, and neither does a host without. */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(number))
		return first;
	uint64_t place = first + number % places * UHYVE_RAM_ALIGN;
	if (!ends_gigabyte(place, image) || places == 1)
		return place;
	return place == first ? place + UHYVE_RAM_ALIGN
			      : place - UHYVE_RAM_ALIGN;
}

static int place_ram(struct boot *boot, const struct image *image, bool random,
		     struct why *why)
{
	struct window window = window_of(image);
	if (boot->ram_size > window.end - window.first)
		return refuse_for(why, REFUSED_TOO_MUCH_MEMORY,
				  "%" PRIu64 " MiB of memory are more than "
				  "interface %u can have, %" PRIu64 " MiB",
				  boot->ram_size / MIB, image->interface,
				  (window.end - window.first) / MIB);
	boot->ram_start = window.first;
	if (random && image->relocatable &&
	    boot->ram_size <= window.random_end - window.first)
		boot->ram_start =
			random_place(window.first,
				     window.random_end - boot->ram_size, image);
	return 0;
}

/* The image needs this much more than it occupies: what lies in front of it. */
static int place_image(struct boot *boot, const struct image *image,
		       struct why *why)
{
	uint64_t ram_end = boot->ram_start + boot->ram_size;
	uint64_t lowest = boot->ram_start + UHYVE_BOOT_IMAGE;
	boot->load = image->relocatable ? lowest : 0;
	boot->image_start = boot->load + image->start;
	if (boot->image_start < lowest)
		return refuse_for(why, REFUSED_TOO_LOW,
				  "it is linked to 0x%" PRIx64
				  ", but memory for "
				  "images of interface %u starts at 0x%" PRIx64,
				  image->start, image->interface, lowest);
	if (image->end > ram_end - boot->load) {
		uint64_t needed = image->end - image->start +
				  (boot->image_start - boot->ram_start);
		return refuse_for(
			why, REFUSED_TOO_LARGE,
			"%" PRIu64 " MiB of memory are too little for "
			"it; give it at least --memory-size=%" PRIu64 "MiB",
			boot->ram_size / MIB, needed / (2 * MIB) * 2 + 2);
	}
	boot->image_end = boot->load + image->end;
	boot->entry = boot->load + image->entry;
	boot->stack = boot->image_start - UHYVE_BOOT_STACK_SIZE;
	return 0;
}

int boot_place(struct boot *boot, const struct image *image, uint64_t memory,
	       bool random, struct why *why)
{
	*boot = (struct boot){.ram_size = memory,
			      .interface = image->interface,
			      .whole_gigabytes = image->whole_gigabytes};
	if (place_ram(boot, image, random, why) ||
	    place_image(boot, image, why))
		return -1;
	boot->info = boot->ram_start + UHYVE_BOOT_INFO;
	return 0;
}

/* UHY-BOOT-060 to 071. A fresh structure: padding is zero. */
static int write_info(const struct boot *boot, const struct image *image,
		      const struct gmem *ram, const struct boot_facts *facts)
{
	const struct segment *tls = &image->tls;
	struct uhyve_boot_info info = {
		.ram_start = boot->ram_start,
		.ram_end = boot->ram_start + boot->ram_size,
		.serial_port_base = image->interface == 1
					    ? UHYVE_V1_BOOT_SERIAL_BASE
					    : UHYVE_BOOT_SERIAL_BASE,
		.device_tree = {boot->ram_start + UHYVE_BOOT_FDT},
		.image_start = boot->image_start,
		.image_end = boot->image_end,
		.platform = UHYVE_BOOT_PLATFORM_UHYVE,
		.has_pci = arch.has_pci,
		.num_cpus = facts->cpus,
		.cpu_freq_khz = facts->counter_khz,
		.boot_time_ns_low = (uint64_t)facts->boot_time_ns,
		.boot_time_ns_high = facts->boot_time_ns < 0 ? -1 : 0,
	};
	if (tls->memsz) {
		info.tls_start = boot->load + tls->vaddr;
		info.tls_filesz = tls->filesz;
		info.tls_memsz = tls->memsz;
		info.tls_align = tls->align;
	}
	return gmem_store(ram, (struct uhyve_gpa){boot->info}, &info,
			  sizeof(info));
}

int boot_write(const struct boot *boot, const struct image *image,
	       const struct gmem *ram, const struct boot_facts *facts,
	       struct why *why)
{
	/* uhyve wants it smaller than its room, not as large. */
	int room = UHYVE_BOOT_FDT_MAX - 1;
	void *fdt = gmem_at(
		ram, (struct uhyve_gpa){boot->ram_start + UHYVE_BOOT_FDT},
		UHYVE_BOOT_FDT_MAX);
	if (!fdt || write_info(boot, image, ram, facts))
		return refuse(why, "memory is too small to start in");
	if (devicetree_build(fdt, room, boot, facts, why) < 0 ||
	    arch_boot_memory(ram, boot, why))
		return -1;
	return image_load(image, ram, boot->load, why);
}
