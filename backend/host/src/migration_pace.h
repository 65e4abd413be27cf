/* SPDX-License-Identifier: Apache-2.0 */
/* When a migration's passes have brought it near enough to switch over, and how far the guest must be slowed down until then. Theory in migration_pace.c. */
#ifndef MOBIHOST_MIGRATION_PACE_H
#define MOBIHOST_MIGRATION_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_THROTTLE_MAX 99

struct pace_pass {
	uint64_t bytes; /* that it put on the wire */
	double log_seconds; /* that a running guest takes to turn to a new log of what it changes */
	double scan_seconds;
	double send_seconds; /* until the target had them, the way there and back left out */
	double round_trip_seconds;
};

struct pace {
	/* set by the caller */
	unsigned downtime_limit_ms, passes_max, throttle_max;
	/* as of the last pass */
	unsigned throttle; /* percent of the time that the guest's programs shall not get */
	double expected_ms; /* the downtime if the guest were frozen now */
	unsigned passes, stalls; /* the latter: so many of the last passes found hardly less than the one before */
	double rate; /* bytes a second */
	uint64_t bytes;
	double seconds;
};

/* Takes the pass that has just ended into account. False: no further pass, freeze the guest. */
bool pace_goes_on(struct pace *pace, const struct pace_pass *pass);

#endif
