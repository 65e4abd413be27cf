/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. While a guest stands still its links are paused, and what the network sends must not reach it. The UDP socket holds little (an account without rights cannot make it hold more), and
 * overflows within a fraction of a second. So datagrams are read and kept here as they came, unopened, and handled when the links go on; or passed on, if the
 * guest goes on elsewhere.
 */
#define _GNU_SOURCE
#include "link_internal.h"

#include <stdlib.h>
#include <string.h>

#define SPOOL_MAX (32u << 20)

struct spooled {
	struct spooled *next;
	struct udp_address from;
	size_t size, segment;
	uint8_t bytes[];
};

bool links_spool_full(const struct links *links)
{
	return links->spool.bytes >= SPOOL_MAX;
}

static void keep(struct spool *spool, const struct udp_message *message)
{
	struct spooled *spooled = malloc(sizeof(*spooled) + message->size);

	if (!spooled)
		return;
	*spooled = (struct spooled){ .from = message->from, .size = message->size, .segment = message->segment };
	memcpy(spooled->bytes, message->bytes, message->size);
	*(spool->first ? &spool->last->next : &spool->first) = spooled;
	spool->last = spooled;
	spool->bytes += sizeof(*spooled) + message->size;
}

bool links_spool(struct links *links)
{
	struct udp_message message;
	unsigned count;

	while (!links_spool_full(links)) {
		count = udp_receive(links->udp);
		for (unsigned i = 0; i < count; i++)
			if (udp_message(links->udp, i, &message))
				keep(&links->spool, &message);
		if (count < UDP_BATCH)
			return true;
	}
	return false;
}

static void forget_first(struct spool *spool)
{
	struct spooled *first = spool->first;

	spool->first = first->next;
	spool->bytes -= sizeof(*first) + first->size;
	free(first);
}

bool links_unspool(struct links *links)
{
	while (links->spool.first) {
		struct spooled *first = links->spool.first;
		const struct udp_message message = { .from = first->from, .bytes = first->bytes, .size = first->size, .segment = first->segment };

		/* What is passed on needs room in the socket. */
		if (links->forwarding && !udp_prepare(links->udp, (unsigned)(first->size / first->segment + 1), first->size))
			return false;
		links_take_message(links, &message);
		/* The guest's batch points into it. */
		links_flush_to_guest(links);
		forget_first(&links->spool);
	}
	return true;
}

void links_spool_forget(struct links *links)
{
	while (links->spool.first)
		forget_first(&links->spool);
}
