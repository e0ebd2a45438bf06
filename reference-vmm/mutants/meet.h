/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lets the other vCPU come in between. */
#ifndef MEET_H
#define MEET_H

#include <pthread.h>
#include <time.h>

/*
 * Waits until the other vCPU is here, too: on a busy machine the two would
 * rarely meet by chance. It need not come, so that there is an end, which is
 * near where it often did not.
 */
static inline void meet(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static pthread_cond_t met = PTHREAD_COND_INITIALIZER;
	static unsigned arrivals; /* the first of two has an even number */
	static int patience = 20;
	struct timespec end;
	unsigned mine;
	int failed = 0;

	pthread_mutex_lock(&lock);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_nsec += patience > 0 ? 20000000 : 300000;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	mine = arrivals++;
	if (mine % 2)
		pthread_cond_signal(&met);
	else
		while (arrivals == mine + 1 && !failed)
			failed = pthread_cond_timedwait(&met, &lock, &end);
	if (mine % 2 == 0 && arrivals == mine + 1) {
		arrivals++;
		patience--;
	}
	pthread_mutex_unlock(&lock);
}

#endif
