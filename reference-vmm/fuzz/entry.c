/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* libFuzzer's entry point for the target FUZZ. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	return FUZZ(bytes, size);
}
