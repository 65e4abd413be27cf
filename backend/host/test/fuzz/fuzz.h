/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzzers share. Each feeds one parser of bytes that a peer made; libFuzzer finds inputs, the sanitizers find what they break. */
#ifndef MOBIHOST_TEST_FUZZ_H
#define MOBIHOST_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is. */
#define MUST(condition)                                                                          \
	do {                                                                                     \
		if (!(condition)) {                                                              \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                 \
		}                                                                                \
	} while (0)

/* Takes a number off the input; 0 when none is left. */
static inline uint64_t fuzz_number(const uint8_t **data, size_t *size, size_t bytes)
{
	uint64_t value = 0;

	for (; bytes && *size; bytes--, (*data)++, (*size)--)
		value = value << 8 | **data;
	return value;
}

#endif
