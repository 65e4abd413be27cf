/* SPDX-License-Identifier: Apache-2.0 */
/* What a wire does to the frames of one direction: rate, loss, delay and the rest. Theory in impairment.c. */
#ifndef MOBIHOST_IMPAIRMENT_H
#define MOBIHOST_IMPAIRMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes before each frame which its owner may write to, and after it. */
#define IMPAIRMENT_HEADROOM 16
/* Most bytes one direction holds, whatever its settings. */
#define IMPAIRMENT_BYTES_MAX (64u << 20)
#define IMPAIRMENT_NEVER UINT64_MAX

enum impairment_distribution { IMPAIRMENT_NORMAL, IMPAIRMENT_UNIFORM, IMPAIRMENT_PARETO };

struct impairment_config {
	uint64_t delay_us;
	uint64_t jitter_us; /* standard deviation (normal, pareto) or greatest deviation (uniform) of the delay */
	enum impairment_distribution distribution;
	double loss; /* probabilities, 0 to 1 */
	double loss_burst; /* mean length of a burst of losses in frames; up to 1: losses are independent */
	double duplicate;
	double reorder; /* probability to overtake: sent without the delay */
	double corrupt; /* probability of one flipped bit */
	uint64_t rate_bps; /* bits a second, 0: unlimited */
	uint64_t queue_bytes; /* frames that wait for the rate; 0: what the rate carries in 250 ms, at least 64 KiB */
};

struct impairment_drops {
	uint64_t queue, loss;
};

struct impairment;

/* No impairment at first. NULL: out of memory. */
struct impairment *impairment_create(void);
void impairment_destroy(struct impairment *impairment);

/* From now on; frames that are on their way keep their times. */
void impairment_configure(struct impairment *impairment, const struct impairment_config *config);
/* Does it do anything to frames that enter now? */
bool impairment_active(const struct impairment *impairment);

/*
 * A frame enters in two steps: its bytes are written to what impairment_reserve returns (NULL: no room, counted as a
 * drop), then impairment_commit decides its fate. `now` and all times: microseconds as loop_now.
 */
uint8_t *impairment_reserve(struct impairment *impairment, size_t size);
void impairment_commit(struct impairment *impairment, uint64_t now);
/* The same for a frame whose fate was decided on another host. */
void impairment_commit_at(struct impairment *impairment, uint64_t due);

/* When the next frame comes out, or IMPAIRMENT_NEVER. */
uint64_t impairment_due(const struct impairment *impairment);
/* The next frame that is due, or NULL; the caller may write to it and its headroom until the next call of any function here. */
uint8_t *impairment_take(struct impairment *impairment, uint64_t now, size_t *size);

/* Frames on their way, in the order they come out: count, then each of them. */
size_t impairment_list(struct impairment *impairment);
const uint8_t *impairment_peek(const struct impairment *impairment, size_t index, size_t *size, uint64_t *due);

/* Forgets all frames on their way. */
void impairment_clear(struct impairment *impairment);

/* Gives memory back that a burst needed; called once in a while. */
void impairment_trim(struct impairment *impairment);

struct impairment_drops impairment_drops(const struct impairment *impairment);

#endif
