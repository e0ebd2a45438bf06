/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two vCPUs that act at the same time, round after round. A guest gives act()
 * and calls pair_round() on vCPU 0; the blocks here belong to one vCPU each.
 */
#ifndef PAIR_H
#define PAIR_H

#include "cpus.h"

static void act(unsigned cpu, unsigned round);

static volatile uint32_t pair_started, pair_ready, pair_done;

/* Both act once; false when the other vCPU does not answer. */
static inline bool pair_round(unsigned round)
{
	publish(&pair_started, round + 1);
	if (!wait_for(&pair_ready, round + 1))
		return false;
	act(0, round);
	return wait_for(&pair_done, round + 1);
}

void guest_cpu_main(unsigned cpu)
{
	if (cpu != 1)
		guest_park();
	for (uint32_t round = 1; wait_for(&pair_started, round); round++) {
		publish(&pair_ready, round);
		act(1, round - 1);
		publish(&pair_done, round);
	}
	guest_park();
}

static inline int32_t pair_open(const char *path, int32_t flags)
{
	struct uhyve_open_params block = {uhyve_gpa_of(path), flags, 0644,
					  UNANSWERED};
	uhyve_call_block(UHYVE_FILE_OPEN, &block);
	return block.ret;
}

static inline int32_t pair_close(int32_t fd)
{
	struct uhyve_close_params block = {fd, UNANSWERED};
	uhyve_call_block(UHYVE_FILE_CLOSE, &block);
	return block.ret;
}

static inline int32_t pair_unlink(const char *path)
{
	struct uhyve_unlink_params block = {uhyve_gpa_of(path), UNANSWERED};
	uhyve_call_block(UHYVE_FILE_UNLINK, &block);
	return block.ret;
}

static inline int64_t pair_read(int32_t fd, volatile void *buf, uint64_t len)
{
	struct uhyve_read_params block = {
		len, UNANSWERED, uhyve_gpa_of(buf), fd, {0}};
	uhyve_call_block(UHYVE_FILE_READ, &block);
	return block.ret;
}

/* As many calls as it takes; len, or what the call gave that did not help. */
static inline int64_t pair_write(int32_t fd, const volatile void *buf,
				 uint64_t len)
{
	uint64_t done = 0;
	while (done < len) {
		struct uhyve_write_params block = {
			len - done,
			UNANSWERED,
			uhyve_gpa_of((const volatile char *)buf + done),
			fd,
			{0}};
		uhyve_call_block(UHYVE_FILE_WRITE, &block);
		if (block.ret < 1 || (uint64_t)block.ret > len - done)
			return block.ret;
		done += (uint64_t)block.ret;
	}
	return (int64_t)len;
}

#endif
