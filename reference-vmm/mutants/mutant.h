/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Mutants: the reference VMM with one requirement broken, to prove that a check
 * notices. One file an area; README.md says how to add one.
 */
#ifndef MUTANT_H
#define MUTANT_H

#include "../seams/seams.h"

/*
 * A mutant is its row, right before what it does:
 *
 *	HANDLER(OPEN, "open-excl-ignored", "UHY-OPEN-008", "O_EXCL is ignored")
 *	{
 *		call->block.open_params.flags &= ~UHYVE_O_EXCL;
 *		return original(call);
 *	}
 *
 * HANDLER replaces the handler of a call; AFTER lets it run first; AT replaces the
 * function of a seam, with the seam's parameters; MUTANT names functions that are
 * there already. After the phrase may come other seams that it needs, as
 * .call_write = notes. GIVES and SCRIBBLES (file.h), and each area's own, are for
 * what is but another result.
 */
/* Numbers of the file calls, and where their blocks are. */
#define OPEN UHYVE_FILE_OPEN
#define CLOSE UHYVE_FILE_CLOSE
#define READ UHYVE_FILE_READ
#define WRITE UHYVE_FILE_WRITE
#define LSEEK UHYVE_FILE_LSEEK
#define UNLINK UHYVE_FILE_UNLINK
#define DENTS UHYVE_GETDENTS
#define STAT UHYVE_FILE_STAT
#define FSTAT UHYVE_FILE_FSTAT
#define MKDIR UHYVE_MKDIR
#define BLOCK_OPEN open_params
#define BLOCK_CLOSE close_params
#define BLOCK_READ read_params
#define BLOCK_WRITE write_params
#define BLOCK_UNLINK unlink_params

#define MUTANT(...) MUTANT_ROW(__COUNTER__, __VA_ARGS__)
#define MUTANT_ROW(n, ...) MUTANT_ROW_(n, __VA_ARGS__)
#define MUTANT_ROW_(n, ...)                                                    \
	static const struct variant mutant_row_##n = {__VA_ARGS__};            \
	VARIANT_AREA(n, &mutant_row_##n, 1)

#define HANDLER(number, ...) HANDLER_(__COUNTER__, number, __VA_ARGS__)
#define HANDLER_(n, number, ...) HANDLER__(n, number, __VA_ARGS__)
#define HANDLER__(n, number_, ...)                                             \
	static enum call_outcome mutant_##n(struct call *call);                \
	MUTANT_ROW(n, __VA_ARGS__, .number = (number_),                        \
		   .perform = mutant_##n);                                     \
	static enum call_outcome mutant_##n(struct call *call)

/* A handler that does this after the next one. */
#define AFTER(number, ...) AFTER_(__COUNTER__, number, __VA_ARGS__)
#define AFTER_(n, number, ...) AFTER__(n, number, __VA_ARGS__)
#define AFTER__(n, number, ...)                                                \
	static void after_##n(struct call *call);                              \
	HANDLER__(n, number, __VA_ARGS__)                                      \
	{                                                                      \
		enum call_outcome outcome = original(call);                    \
		after_##n(call);                                               \
		return outcome;                                                \
	}                                                                      \
	static void after_##n(struct call *call)

#define AT(seam, ...) AT_(__COUNTER__, seam, __VA_ARGS__)
#define AT_(n, seam, ...) AT__(n, seam, __VA_ARGS__)
#define AT__(n, seam, ...)                                                     \
	REPLACES(seam, mutant_##n);                                            \
	MUTANT_ROW(n, __VA_ARGS__, .seam = mutant_##n);                        \
	REPLACES(seam, mutant_##n)

#endif
