/* SPDX-License-Identifier: Apache-2.0 */
/* A message of the guest kernel on its control channel. Texts in it must end. */
#include "../../src/control.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int pair[2] = { -1, -1 };
	struct control_message message;

	if (pair[0] < 0)
		MUST(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	if (!size || size > 65536 || send(pair[1], data, size, MSG_DONTWAIT) != (ssize_t)size)
		return 0;
	if (control_receive(pair[0], &message) == 1 && (message.type == UM_CONTROL_ERROR || message.type == UM_CONTROL_REFUSED))
		MUST(strlen(message.payload.error.text) < sizeof(message.payload));
	return 0;
}
