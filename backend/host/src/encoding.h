/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (standard alphabet, padded) between bytes and JSON texts. */
#ifndef MOBIHOST_ENCODING_H
#define MOBIHOST_ENCODING_H

#include <jansson.h>
#include <stddef.h>

/* New reference; NULL without memory. */
json_t *encoding_base64(const void *data, size_t size);
/* A buffer to free, and its size; NULL when the text is not base64 or memory is out. */
unsigned char *encoding_bytes(const json_t *text, size_t *size);

#endif
