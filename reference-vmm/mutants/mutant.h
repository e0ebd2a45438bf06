/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Mutants: the reference VMM with one requirement broken, to prove that a check
 * notices. One file an area, each a table of rows; README.md says how to add
 * one.
 */
#ifndef MUTANT_H
#define MUTANT_H

#include "../seams/seams.h"

#endif
