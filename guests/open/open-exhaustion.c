/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "more descriptors than there are, and then fewer",
	variants = { "host's limit" = { descriptors = 256 }, "its own limit" = {} },
	files = { "data/f" = "0123456789" }
)

/* Hypervisors that give this many have no limit that matters here. */
#define ENOUGH 1500

/* As file_open, without the bookkeeping of call(). */
static int32_t open_again(void)
{
	static struct uhyve_open_params block;
	block = (struct uhyve_open_params){uhyve_gpa_of("/data/f"),
					   UHYVE_O_RDONLY, 0, UNANSWERED};
	uhyve_call_block(UHYVE_FILE_OPEN, &block);
	return block.ret;
}

/* True if no other file has this descriptor, as far as can be told. */
static bool first_seen(int32_t fd)
{
	static bool seen[1 << 16];
	if (fd >= 1 << 16)
		return true;
	bool first = !seen[fd];
	seen[fd] = true;
	return first;
}

void guest_main(void)
{
	static int32_t fds[ENOUGH];
	int32_t last = 0;
	int n = 0;
	TEST("UHY-OPEN-012", "open until it fails") {
		while (n < ENOUGH && (last = open_again()) >= 3) {
			if (!first_seen(last) &&
			    !expect_true(false, "it is open already"))
				break;
			fds[n++] = last;
		}
		say("# %d descriptors", (int64_t)n);
		if (last < 3)
			expect_error(last);
		else
			expect(n == ENOUGH);
	}
	TEST("UHY-OPEN-013", "the error is EMFILE or ENFILE") {
		if (last < 3)
			expect_one_of(last, -UHYVE_EMFILE, -23);
		else
			expect(n == ENOUGH);
	}
	TEST("UHY-OPEN-014", "after closing one") {
		for (int i = 0; i < 3 && n > 0; i++) {
			expect_eq(file_close(fds[n / 2]), 0);
			fds[n / 2] = open_again();
			expect_fd(fds[n / 2]);
		}
		expect(n > 0);
	}
}
