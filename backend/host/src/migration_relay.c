/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. Which relay both hosts reach is not known before. So both connect to all that are named, one after the other, and greet; the source waits for the first that says that the target is there too. The
 * target takes the connection on which the source speaks.
 */
#define _GNU_SOURCE
#include "migration_relay.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "params.h"

#define CONNECT_MS 2000
#define GO_MS 25000
/* How long one that is named earlier may still answer after another has. */
#define BETTER_MS 500

static int read_relay(const json_t *json, struct migration_relay *relay, struct fail *fail)
{
	json_int_t pair;
	json_t *list;
	const char *by;

	if (params_integer(json, "pair", false, 1, UINT32_MAX, &pair, fail) < 0 || params_key(json, "key", relay->secret, fail) < 0 ||
	    params_string(json, "by", false, sizeof(relay->by) - 1, &by, fail) < 0 || params_array(json, "endpoints", false, MIGRATION_RELAY_ENDPOINTS, &list, fail) < 0)
		return -1;
	relay->pair = (uint32_t)pair;
	strcpy(relay->by, by);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text || !udp_address_parse(text, &relay->endpoints[relay->endpoint_count++]))
			return fail_set(fail, "bad-request", "A relay's \"endpoints\" must be a list of \"ip:port\" with numeric addresses.");
	}
	return 0;
}

int migration_relays_read(const json_t *params, struct migration_relays *relays, struct fail *fail)
{
	json_t *list;

	memset(relays, 0, sizeof(*relays));
	if (params_array(params, "relays", true, MIGRATION_RELAYS_MAX, &list, fail) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (read_relay(json_array_get(list, i), &relays->list[relays->count++], fail) < 0)
			return -1;
	}
	return 0;
}

void migration_relays_forget(struct migration_relays *relays)
{
	sodium_memzero(relays, sizeof(*relays));
}

static int dial_relay(const struct migration_relay *relay, struct wire *wire, bool source)
{
	uint8_t hello[RELAY_GREETING_SIZE];
	unsigned endpoint;
	int fd = wire_dial(wire, relay->endpoints, relay->endpoint_count, CONNECT_MS, &endpoint);

	if (fd < 0)
		return -1;
	relay_greeting_write(relay->secret, relay->pair, !source, clock_wall_us(), hello);
	/* They are the first bytes that are sent there, so there is room for them. */
	if (send(fd, hello, sizeof(hello), MSG_NOSIGNAL) == (ssize_t)sizeof(hello))
		return fd;
	close(fd);
	return -1;
}

int migration_relays_connect(const struct migration_relays *relays, struct wire *wire, unsigned *which, struct fail *fail)
{
	int fds[MIGRATION_RELAYS_MAX], chosen;

	for (unsigned i = 0; i < relays->count; i++)
		fds[i] = wire_cancelled(wire) ? -1 : dial_relay(&relays->list[i], wire, true);
	chosen = wire_await_byte(wire, fds, relays->count, RELAY_GO, GO_MS, BETTER_MS, fail);
	for (unsigned i = 0; i < relays->count; i++) {
		if (fds[i] >= 0 && (int)i != chosen)
			close(fds[i]);
	}
	if (chosen < 0)
		return -1;
	wire_use(wire, fds[chosen]);
	*which = (unsigned)chosen;
	return 0;
}

unsigned migration_relays_dial(const struct migration_relays *relays, struct wire *wire, int fds[MIGRATION_RELAYS_MAX])
{
	unsigned count = 0;

	for (unsigned i = 0; i < relays->count && !wire_cancelled(wire); i++) {
		int fd = dial_relay(&relays->list[i], wire, false);

		if (fd >= 0)
			fds[count++] = fd;
	}
	return count;
}
