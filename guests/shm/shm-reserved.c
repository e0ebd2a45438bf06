/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the reserved numbers do nothing",
	files = { "data/f" = "0123456789" },
	after = [
		{ path = "data/f", content = "0123456789", id = "UHY-SHM-003" }
	]
)

static const uint16_t numbers[] = {UHYVE_SHARED_MEM_OPEN,
				   UHYVE_SHARED_MEM_CLOSE};

/* One memory that is a block of every file call in turn. */
static union {
	struct uhyve_open_params open;
	struct uhyve_unlink_params unlink;
	struct uhyve_close_params close;
	uint8_t bytes[128];
} block;

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	TEST("UHY-SHM-001", "the guest continues") {
		for (int i = 0; i < 2; i++) {
			uhyve_call(numbers[i], 0);
			uhyve_call(numbers[i], ram_end());
			uhyve_call(numbers[i], ram_start() - 1);
		}
		expect(true);
	}
	TEST("UHY-SHM-002", "RAM stays") {
		for (int i = 0; i < 2; i++)
			for (unsigned byte = 0; byte < 256; byte += 0x55) {
				memset(&block, (int)byte, sizeof(block));
				uhyve_call_block(numbers[i], &block);
				expect_filled(&block, (uint8_t)byte,
					      sizeof(block));
			}
	}
	uint8_t before[128];
	TEST("UHY-SHM-003", "no file is opened, closed or removed") {
		for (int i = 0; i < 2; i++) {
			memset(&block, 0, sizeof(block));
			block.close.fd = fd;
			uhyve_call_block(numbers[i], &block);
			block.open = (struct uhyve_open_params){
				uhyve_gpa_of("/data/f"),
				UHYVE_O_WRONLY | UHYVE_O_TRUNC, 0, UNANSWERED};
			memcpy(before, &block, sizeof(before));
			uhyve_call_block(numbers[i], &block);
			expect_bytes(&block, before, sizeof(before));
		}
		char byte;
		expect_eq(file_read(fd, &byte, 1), 1);
	}
}
