/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One slot of the table of descriptors (src/descriptors.c) as a model: two vCPUs use it
 * and close it, a third puts a new file there, and every interleaving is looked at. A
 * file of the host is closed exactly once and never while it is used; FileClose
 * succeeds once for each file. -DOLD leaves out the second look at `open` after a use
 * was taken: then a use is had of a descriptor that was closed. -DLOOKS lets FileClose
 * look at `open` first and change it then: two of them succeed (UHY-CONC-007).
 */
#define FILES 2

byte users;       /* slot->users */
bool open;        /* slot->open */
byte host;        /* slot->host: the number of a file */
byte closes[FILES + 1]; /* close(2) of each */
byte closed[FILES + 1]; /* FileClose that succeeded */
byte using[FILES + 1];
byte added;
bool gone[FILES + 1]; /* its FileClose returned */

inline drop()
{
	h = host;
	atomic {
		users--;
		last = users == 0
	}
	if
	:: last -> atomic {
			assert(using[h] == 0);
			closes[h]++;
			assert(closes[h] == 1)
		}
	:: else
	fi
}

/* got: whether there is a use to give back. */
inline get()
{
	got = false;
	atomic {
		before = gone[1];
		if
		:: users > 0 -> users++; got = true
		:: else
		fi
	}
	if
	:: got ->
#ifndef OLD
		if
		:: open
		:: else -> drop(); got = false
		fi
#else
		skip
#endif
	:: else
	fi
}

proctype user()
{
	bool got, last, before;
	byte h, mine;

	get();
	if
	:: got ->
		atomic {
			mine = host;
			using[mine]++;
			assert(closes[mine] == 0)
		}
		/* What was closed before the call began is not used: EBADF. */
		assert(!(before && mine == 1));
		using[mine]--;
		drop()
	:: else
	fi
}

proctype closer()
{
	bool got, last, before, was;
	byte h, mine;

	get();
	if
	:: got ->
		mine = host;
#ifdef LOOKS
		was = open;
		open = false;
#else
		atomic {
			was = open;
			open = false
		}
#endif
		if
		:: was ->
			closed[mine]++;
			assert(closed[mine] == 1);
			drop();
			gone[mine] = true
		:: else
		fi;
		drop()
	:: else
	fi
}

/* descriptors_add(), under the table's lock: one at a time. */
proctype adder()
{
	if
	:: users == 0 ->
		host = FILES;
		open = true;
		users = 1
	:: true
	fi
}

init
{
	atomic {
		host = 1;
		open = true;
		users = 1;
		run user();
		run user();
		run closer();
		run closer();
		run adder()
	}
}
