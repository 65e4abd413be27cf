/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A pass finds what the guest changed since the one before looked, so what would still have to be sent if the guest were frozen now is about as much, or
 * less by as much as this pass was shorter than the last. Divided by the rate of the link, that is the part of the downtime which more passes can make
 * smaller; the rest, the final scan, three ways between the hosts and the restore, they cannot. It fits when all together keeps within the downtime limit, or,
 * where the fixed part alone is as long as that, when it adds little to it.
 *
 * What fits is still made smaller as long as passes are short and find less and less: a guest that writes nearly as fast as passes go comes down to almost nothing as well, in some more of them. One pass
 * that found no less is no sign, as a busy host may have held it up; two in a row are.
 *
 * What does not fit and does not shrink never will by itself: then half of its time is taken from the guest's programs, and half of what they have left each
 * time again. When there is nothing left to take and passes still don't shrink, or when there were too many, the guest is frozen all the same.
 */
#include "migration_pace.h"

#define RESTORE_MS 5.0
#define WAYS 3
#define GOAL_LEAST_MS 50.0
#define HARDLY_MS 0.5
#define HARDLY_SHARE 0.05 /* of the fixed part */
#define SHORT_PASS_SECONDS 1.0
#define LESS 0.85
#define STALLS_MAX 2
#define SHRINKS 0.7
#define SAMPLE_BYTES (64u << 10) /* less than that says nothing about the link's rate */

static void measure(struct pace *pace, const struct pace_pass *pass)
{
	if (pass->send_seconds > 0 && (pass->bytes >= SAMPLE_BYTES || !(pace->rate > 0)))
		pace->rate = (double)(pass->bytes ? pass->bytes : 1) / pass->send_seconds;
}

/* How long what is changed by then would take to send. */
static double data_ms(const struct pace *pace, const struct pace_pass *pass, double seconds)
{
	double share = pace->seconds > 0 && seconds < pace->seconds ? seconds / pace->seconds : 1;

	return pace->rate > 0 ? (double)pass->bytes * share / pace->rate * 1e3 : 0;
}

static void slow_down(struct pace *pace)
{
	unsigned left = 100 - pace->throttle, throttle = 100 - left / 2;

	pace->throttle = throttle < pace->throttle_max ? throttle : pace->throttle_max;
}

/* What is left takes `data` ms of the downtime, and the rest of it `fixed`. */
static bool decide(struct pace *pace, const struct pace_pass *pass, double data, double fixed, double seconds)
{
	double before = (double)pace->bytes, bytes = (double)pass->bytes, goal = pace->downtime_limit_ms - fixed;

	pace->stalls = pace->passes > 1 && bytes > LESS * before ? pace->stalls + 1 : 0;
	if (pace->passes >= pace->passes_max)
		return false;
	if (pace->passes == 1)
		return true;
	if (data <= (goal > GOAL_LEAST_MS ? goal : GOAL_LEAST_MS))
		return data > HARDLY_MS + HARDLY_SHARE * fixed && pace->stalls < STALLS_MAX && seconds <= SHORT_PASS_SECONDS;
	if (bytes <= SHRINKS * before)
		return true;
	if (pace->throttle == pace->throttle_max)
		return false;
	slow_down(pace);
	return true;
}

bool pace_goes_on(struct pace *pace, const struct pace_pass *pass)
{
	double seconds = pass->log_seconds + pass->scan_seconds + pass->send_seconds + pass->round_trip_seconds;
	double fixed = pass->scan_seconds * 1e3 + RESTORE_MS + WAYS * pass->round_trip_seconds / 2 * 1e3;
	double data;
	bool goes_on;

	measure(pace, pass);
	data = data_ms(pace, pass, seconds);
	pace->expected_ms = fixed + data;
	pace->passes++;
	goes_on = decide(pace, pass, data, fixed, seconds);
	pace->bytes = pass->bytes;
	pace->seconds = seconds;
	return goes_on;
}
