/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The end of a machine as a model (src/run.c, finish() of src/main.c): vCPUs make
 * calls until one of them, or a signal, ends the machine; any call may be stuck in the
 * host for any time. Every interleaving is looked at (prove-end.sh). With -DOLD it is
 * the design of the first version, whose two defects must be found:
 *
 *	removed		the process ends before private storage is gone, though no
 *			second request asked for that
 *	released	a call uses what was released under it
 */
#define VCPUS 3

bool ended, finishing, released, removed, exited;
bool running[VCPUS]; /* vcpus[i].thread */
byte removing;       /* threads that remove private storage */

inline leave()
{
	atomic {
		assert(removed || !CHECK_REMOVED);
		exited = true;
	}
}

/* services_release(), or names_remove_private() alone; each takes time. */
inline clean_up(quiet)
{
	removing++;
	assert(removing == 1);
	if
	:: quiet -> released = true
	:: else
	fi;
	removed = true;
	removing--
}

#define QUIET (!running[0] && !running[1] && !running[2])

/* What follows the end, on the first thread that comes here. */
inline finish()
{
	bool won = false, quiet;
#ifdef OLD
	/* settle() gave up after half a second, and nobody asked. */
	if
	:: QUIET
	:: true
	fi;
	won = true;
	quiet = true;
#else
	atomic {
		won = !finishing;
		finishing = true
	}
	if
	:: won ->
		if
		:: atomic { QUIET -> quiet = true }
		:: quiet = false /* patience is over */
		fi
	:: else
	fi;
#endif
	if
	:: won -> clean_up(quiet); leave()
	:: else -> false /* poll() for ever */
	fi
}

proctype vcpu(byte self) provided (!exited)
{
	do
	:: !ended ->
		/* A call, stuck for any time; then it uses the services. */
		skip;
		assert(!released || !CHECK_RELEASED);
		if
		:: ended = true /* Exit */
		:: skip
		fi
	:: ended -> break
	od;
	running[self] = false;
	if
	:: self == 0 -> finish()
	:: else ->
		if
		:: !running[0] /* the thread of vCPU 0 finishes */
		:: true ->     /* patience is over */
#ifdef OLD
			leave()
#else
			if
			:: running[0] -> finish()
			:: else
			fi
#endif
		fi
	fi
}

/* A signal ends the machine at any moment, or never. */
active proctype request() provided (!exited)
{
	if
	:: ended = true
	:: true
	fi
}

init
{
	atomic {
		byte i;
		for (i : 0 .. VCPUS - 1) {
			running[i] = true
		}
		for (i : 0 .. VCPUS - 1) {
			run vcpu(i)
		}
	}
}
