/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A pair is the two ends of a link. An end is admitted at the address from which it sends a datagram sealed with its key of the pair (each second; a counter
 * that only grows keeps old ones from counting again), and for ADMITTED after the last one. It says with which link number it sends and which it gets.
 *
 * What else comes is passed on only if it carries the link number of an end of a pair and comes from where the pair's other end is admitted: strangers can neither send
 * through the relay nor make it send anything. Nothing is read or changed, so a relay learns no more than a router on the way.
 *
 * An end that moves is admitted at its new place at once. What still reaches its old place is passed on from there to the relay in an envelope (PASS_ON), for PASSING.
 *
 * Two relays may be joined by a pipe. An end that is not admitted here is then behind the pipe; what comes from the pipe tells that its sender is there.
 *
 * The cost of lies. The table has a fixed size, strangers get no entry. Seals are opened only for pairs that exist, ADMITS_A_SECOND of each; a number that is none costs one look into
 * the table. Answers go only to who was admitted.
 */
#include "relay_table.h"

#include <stdlib.h>
#include <string.h>

#include "little.h"

#define ADMITTED 30000000ull
#define PASSING 30000000ull
#define ADMITS_A_SECOND 50
#define BUCKETS 4096 /* a power of two */
#define NONE UINT32_MAX

struct end {
	bool linked; /* `here` is known */
	bool admitted;
	struct udp_address address, previous;
	uint64_t counter, stream_counter;
	uint64_t seen, moved; /* 0: never */
	uint32_t here; /* link number of what it gets */
	uint32_t next; /* entry of the same bucket */
};

struct pair {
	uint32_t number; /* 0: free */
	uint8_t secret[SEAL_KEY_SIZE];
	uint64_t used;
	uint64_t second; /* in which `attempts` were made */
	unsigned attempts;
	uint32_t next;
	struct end ends[2];
};

struct relay_table {
	bool pipe;
	unsigned count;
	struct pair pairs[RELAY_PAIRS_MAX];
	uint32_t by_number[BUCKETS]; /* index of a pair */
	uint32_t by_link[BUCKETS];   /* 2 * index of a pair + side */
};

struct relay_table *relay_table_create(bool pipe)
{
	struct relay_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->pipe = pipe;
	for (unsigned i = 0; i < BUCKETS; i++)
		table->by_number[i] = table->by_link[i] = NONE;
	return table;
}

void relay_table_destroy(struct relay_table *table)
{
	if (!table)
		return;
	sodium_memzero(table, sizeof(*table));
	free(table);
}

/* Numbers are random, whoever chose them; a peer that chose them badly on purpose makes its own pairs' buckets long. */
static unsigned bucket(uint32_t number)
{
	return number & (BUCKETS - 1);
}

static struct pair *find(const struct relay_table *table, uint32_t number)
{
	for (uint32_t i = table->by_number[bucket(number)]; i != NONE; i = table->pairs[i].next) {
		if (table->pairs[i].number == number)
			return (struct pair *)&table->pairs[i];
	}
	return NULL;
}

bool relay_table_has(const struct relay_table *table, uint32_t pair)
{
	return find(table, pair);
}

unsigned relay_table_count(const struct relay_table *table)
{
	return table->count;
}

static uint32_t entry_of(const struct relay_table *table, const struct pair *pair, unsigned side)
{
	return 2 * (uint32_t)(pair - table->pairs) + side;
}

static struct end *end_at(struct relay_table *table, uint32_t entry)
{
	return &table->pairs[entry / 2].ends[entry % 2];
}

static void unlink_end(struct relay_table *table, struct pair *pair, unsigned side)
{
	struct end *end = &pair->ends[side];
	uint32_t entry = entry_of(table, pair, side), *at = &table->by_link[bucket(end->here)];

	while (*at != NONE && *at != entry)
		at = &end_at(table, *at)->next;
	if (*at == entry)
		*at = end->next;
}

static void link_end(struct relay_table *table, struct pair *pair, unsigned side, uint32_t here)
{
	struct end *end = &pair->ends[side];
	uint32_t *head = &table->by_link[bucket(here)];

	if (end->linked && end->here == here)
		return;
	if (end->linked)
		unlink_end(table, pair, side);
	end->linked = true;
	end->here = here;
	end->next = *head;
	*head = entry_of(table, pair, side);
}

static void forget_ends(struct relay_table *table, struct pair *pair)
{
	for (unsigned side = 0; side < 2; side++) {
		if (pair->ends[side].linked)
			unlink_end(table, pair, side);
	}
	memset(pair->ends, 0, sizeof(pair->ends));
}

bool relay_table_add(struct relay_table *table, uint32_t number, const uint8_t secret[SEAL_KEY_SIZE], uint64_t now)
{
	struct pair *pair = find(table, number);
	uint32_t *head = &table->by_number[bucket(number)];

	if (pair) {
		if (sodium_memcmp(pair->secret, secret, SEAL_KEY_SIZE)) {
			forget_ends(table, pair);
			memcpy(pair->secret, secret, SEAL_KEY_SIZE);
		}
		pair->used = now;
		return true;
	}
	if (!number || table->count == RELAY_PAIRS_MAX)
		return false;
	for (pair = table->pairs; pair->number; pair++)
		;
	*pair = (struct pair){ .number = number, .used = now, .next = *head };
	memcpy(pair->secret, secret, SEAL_KEY_SIZE);
	*head = (uint32_t)(pair - table->pairs);
	table->count++;
	return true;
}

void relay_table_remove(struct relay_table *table, uint32_t number)
{
	struct pair *pair = find(table, number);
	uint32_t *at = &table->by_number[bucket(number)];

	if (!pair)
		return;
	forget_ends(table, pair);
	while (*at != (uint32_t)(pair - table->pairs))
		at = &table->pairs[*at].next;
	*at = pair->next;
	sodium_memzero(pair, sizeof(*pair));
	table->count--;
}

uint32_t relay_table_used(const struct relay_table *table, unsigned *at, uint64_t since)
{
	while (*at < RELAY_PAIRS_MAX) {
		const struct pair *pair = &table->pairs[(*at)++];

		if (pair->number && pair->used >= since)
			return pair->number;
	}
	return 0;
}

uint32_t relay_table_idle(const struct relay_table *table, uint64_t now, uint64_t idle)
{
	for (unsigned i = 0; i < RELAY_PAIRS_MAX; i++) {
		if (table->pairs[i].number && now - table->pairs[i].used >= idle)
			return table->pairs[i].number;
	}
	return 0;
}

static bool is_here(const struct end *end, uint64_t now)
{
	return end->admitted && now - end->seen < ADMITTED;
}

/* It is elsewhere now; its old place may still pass on what comes there. */
static void leave(struct end *end, uint64_t now)
{
	if (!is_here(end, now))
		return;
	end->admitted = false;
	end->previous = end->address;
	end->moved = now;
}

/* Is it worth opening a seal? */
static bool may_try(struct pair *pair, uint64_t now)
{
	if (now / 1000000 != pair->second) {
		pair->second = now / 1000000;
		pair->attempts = 0;
	}
	return pair->attempts++ < ADMITS_A_SECOND;
}

static void admit(struct relay_table *table, const struct udp_address *from, const uint8_t *bytes, size_t size, uint64_t now, struct relay_outcome *outcome)
{
	struct pair *pair = size == RELAY_ADMIT_SIZE ? find(table, (uint32_t)little_get(bytes + 4, 4)) : NULL;
	unsigned side = bytes[1];
	uint64_t counter;
	uint32_t there, here;
	struct seal_key key;
	struct end *end, *other;
	bool genuine;

	if (!pair || side > 1)
		return;
	end = &pair->ends[side];
	other = &pair->ends[!side];
	counter = little_get(bytes + 8, 8);
	if (counter <= end->counter || !may_try(pair, now))
		return;
	relay_key(&key, pair->secret, RELAY_ADMIT, side);
	genuine = relay_admit_read(&key, bytes, size, &there, &here);
	seal_key_wipe(&key);
	if (!genuine)
		return;
	if (is_here(end, now) && !udp_address_equal(&end->address, from)) {
		end->previous = end->address;
		end->moved = now;
	}
	/* The other end may be one that is never seen here. */
	link_end(table, pair, side, here);
	link_end(table, pair, !side, there);
	end->admitted = true;
	end->address = *from;
	end->counter = counter;
	end->seen = pair->used = now;
	relay_key(&key, pair->secret, RELAY_ANSWERS, side);
	relay_answer_write(&key, here, counter, from, is_here(other, now) ? &other->address : NULL, outcome->answer);
	seal_key_wipe(&key);
	outcome->verdict = RELAY_SEND;
	outcome->to = *from;
	outcome->bytes = outcome->answer;
	outcome->size = RELAY_ANSWER_SIZE;
}

static void send_to(struct relay_table *table, const struct end *end, uint64_t now, const uint8_t *bytes, size_t size, struct relay_outcome *outcome)
{
	outcome->bytes = bytes;
	outcome->size = size;
	if (is_here(end, now)) {
		outcome->verdict = RELAY_SEND;
		outcome->to = end->address;
	} else if (table->pipe) {
		outcome->verdict = RELAY_PIPE;
	}
}

/* From an end's old place, or from where it still is as far as is known here: then it went through the pipe. */
static void pass_on(struct relay_table *table, const struct udp_address *from, const uint8_t *bytes, size_t size, uint64_t now, struct relay_outcome *outcome)
{
	struct pair *pair = size > RELAY_PASS_ON_HEADER ? find(table, (uint32_t)little_get(bytes + 4, 4)) : NULL;
	unsigned side = bytes[1];
	struct end *end;

	if (!pair || side > 1)
		return;
	end = &pair->ends[side];
	bytes += RELAY_PASS_ON_HEADER;
	size -= RELAY_PASS_ON_HEADER;
	if (is_here(end, now) && udp_address_equal(&end->address, from)) {
		outcome->verdict = table->pipe ? RELAY_PIPE : RELAY_DROP;
		outcome->bytes = bytes;
		outcome->size = size;
	} else if (end->moved && now - end->moved < PASSING && udp_address_equal(&end->previous, from)) {
		send_to(table, end, now, bytes, size, outcome);
	}
}

/* A datagram of a link. */
static void forward(struct relay_table *table, const struct udp_address *from, const uint8_t *bytes, size_t size, uint64_t now, struct relay_outcome *outcome)
{
	uint32_t number = (uint32_t)little_get(bytes + 4, 4), next;

	for (uint32_t i = table->by_link[bucket(number)]; i != NONE; i = next) {
		struct pair *pair = &table->pairs[i / 2];
		struct end *to = &pair->ends[i % 2], *sender = &pair->ends[!(i % 2)];

		next = to->next;
		if (to->here != number)
			continue;
		if (from ? is_here(sender, now) && udp_address_equal(&sender->address, from) : is_here(to, now)) {
			if (!from)
				leave(sender, now);
			send_to(table, to, now, bytes, size, outcome);
			return;
		}
	}
}

void relay_table_datagram(struct relay_table *table, const struct udp_address *from, const uint8_t *bytes, size_t size, uint64_t now,
			  struct relay_outcome *outcome)
{
	outcome->verdict = RELAY_DROP;
	if (size < RELAY_HEADER_SIZE)
		return;
	switch (bytes[0]) {
	case RELAY_KIND_ADMIT:
		if (from)
			admit(table, from, bytes, size, now, outcome);
		break;
	case RELAY_KIND_PASS_ON:
		if (from)
			pass_on(table, from, bytes, size, now, outcome);
		break;
	case RELAY_KIND_ANSWER:
		break;
	default:
		forward(table, from, bytes, size, now, outcome);
	}
}

bool relay_table_greeting(struct relay_table *table, const uint8_t greeting[RELAY_GREETING_SIZE], uint64_t now, uint32_t *number, unsigned *side)
{
	struct pair *pair;
	uint64_t counter;

	if (!relay_greeting_claims(greeting, number, side, &counter))
		return false;
	pair = find(table, *number);
	if (!pair || counter <= pair->ends[*side].stream_counter || !may_try(pair, now) || !relay_greeting_holds(pair->secret, greeting))
		return false;
	pair->ends[*side].stream_counter = counter;
	pair->used = now;
	return true;
}
