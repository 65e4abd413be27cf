/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The migration stream as the target reads it, from a TCP connection over loopback: `u8 what | u16 size | bytes` after each other are records, sealed as the source would have
 * (so that messages are reached), or just as they are.
 */
#define _GNU_SOURCE
#include "../../src/little.h"
#include "../../src/migration_wire.h"
#include "fuzz.h"

#include <netinet/in.h>

static const uint8_t secret[SEAL_KEY_SIZE] = { 7 };

static int connect_to(unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct linger linger = { .l_onoff = 1 };

	/* No thousands of connections in TIME_WAIT. */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	MUST(fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)));
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int listener = -1;
	static unsigned port;
	struct wire *wire = wire_create(false, SEAL_CHACHA20, secret);
	struct wire_message message;
	struct seal_key key;
	uint8_t derived[SEAL_KEY_SIZE], record[70000];
	uint64_t counter = 0;
	struct fail fail;
	int fd;

	if (listener < 0)
		listener = wire_listen(&port);
	MUST(wire && listener >= 0 && seal_init() == 0);
	seal_derive(derived, secret, "migration source");
	seal_key_set(&key, SEAL_CHACHA20, derived);
	fd = connect_to(port);
	while (size > 3) {
		uint8_t what = (uint8_t)fuzz_number(&data, &size, 1);
		size_t part = fuzz_number(&data, &size, 2), length;

		part = part < size ? part : size;
		if (what & 1) {
			memcpy(record, data, part);
			length = part;
		} else {
			little_put(record, part + SEAL_TAG_SIZE, 4);
			seal_encrypt(&key, counter++, record, 4, data, part, record + 4);
			length = 4 + part + SEAL_TAG_SIZE;
		}
		if (send(fd, record, length, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)length)
			break;
		data += part;
		size -= part;
	}
	shutdown(fd, SHUT_WR);
	/* With no whole record the connection ends, and nobody is left to wait for. */
	if (wire_accept_speaking(wire, listener, NULL, 0, 20, &fail) < 0)
		goto out;
	wire_patience(wire, 1000);
	while (wire_read(wire, &message, &fail) == 0) {
		unsigned sum = 0;

		MUST(message.size <= WIRE_PAYLOAD_MAX);
		for (size_t i = 0; i < message.size; i++)
			sum += message.bytes[i];
		if (sum == UINT32_MAX)
			break;
	}
out:
	wire_destroy(wire);
	close(fd);
	return 0;
}
