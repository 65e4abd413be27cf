/* SPDX-License-Identifier: Apache-2.0 */
/* Frames with a virtio_net_hdr: `header | frame`. What the walk makes of them must be frames, and not more of them than the bytes can be. */
#include "../../src/frame.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_vnet vnet;
	struct frame_walk walk;
	size_t part, total = 0;

	if (size < FRAME_VNET_SIZE + FRAME_MIN || size > FRAME_VNET_SIZE + FRAME_MAX)
		return 0;
	memcpy(&vnet, data, FRAME_VNET_SIZE);
	data += FRAME_VNET_SIZE;
	size -= FRAME_VNET_SIZE;
	if (!frame_walk_start(&walk, &vnet, data, size))
		return 0;
	for (unsigned count = 0; (part = frame_walk_size(&walk)); count++) {
		uint8_t *out = malloc(part);

		MUST(out && part <= FRAME_MAX && part <= size && count <= size);
		frame_walk_next(&walk, out);
		total += out[part - 1];
		free(out);
	}
	return total == SIZE_MAX;
}
