/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Atomic operations as one thread sees them. What other threads do in between
 * is the matter of the models (descriptors.pml).
 */
#ifndef PROOF_ATOMICS_H
#define PROOF_ATOMICS_H
/* In place of Frama-C's <stdatomic.h>. */
#define __FC_STDATOMIC

#include <stdbool.h>
#include <stdint.h>

#define _Atomic(type) type
typedef bool atomic_bool;
typedef int atomic_int;
typedef unsigned atomic_uint;
typedef uint_fast64_t atomic_uint_fast64_t;

#define atomic_init(object, value) (*(object) = (value))
#define atomic_load(object) (*(object))
#define atomic_store(object, value) (*(object) = (value))
#define atomic_load_explicit(object, order) (*(object))

/*@
  requires \valid(object);
  assigns *object;
  ensures \result == \old(*object);
  ensures \old(*object) >= value ==> *object == \old(*object) - value;
*/
static unsigned atomic_fetch_sub(unsigned *object, unsigned value)
{
	unsigned old = *object;
	*object = old - value;
	return old;
}

/*@
  requires \valid(object);
  assigns *object;
  ensures \result == \old(*object) && *object == value;
*/
static bool atomic_exchange(bool *object, bool value)
{
	bool old = *object;
	*object = value;
	return old;
}

/* Weak: it may fail for no reason, but not for ever. */
/*@
  requires \valid(object) && \valid(expected);
  requires \separated(object, expected);
  assigns *object, *expected;
  ensures \result <==> \old(*object == *expected);
  ensures *object == (\result ? value : \old(*object));
  ensures *expected == \old(*object);
*/
static bool atomic_compare_exchange_weak(unsigned *object, unsigned *expected,
					 unsigned value)
{
	unsigned old = *object;
	bool same = old == *expected;
	*expected = old;
	if (same)
		*object = value;
	return same;
}

#endif
