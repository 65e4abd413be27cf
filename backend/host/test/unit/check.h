/* SPDX-License-Identifier: Apache-2.0 */
/* Checks for unit tests: a failed one says where and what, and ends the program with status 1. */
#ifndef MOBIHOST_TEST_CHECK_H
#define MOBIHOST_TEST_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                   \
	do {                                                                               \
		if (!(condition)) {                                                        \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
			exit(1);                                                           \
		}                                                                          \
	} while (0)

#define CHECK_EQUAL(expected, actual)                                                                               \
	do {                                                                                                        \
		long long want_ = (long long)(expected), got_ = (long long)(actual);                                \
		if (want_ != got_) {                                                                                \
			fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #actual, got_, want_); \
			exit(1);                                                                                    \
		}                                                                                                   \
	} while (0)

/* Both ends count as inside. */
#define CHECK_BETWEEN(low, high, actual)                                                                               \
	do {                                                                                                           \
		double low_ = (double)(low), high_ = (double)(high), got_ = (double)(actual);                          \
		if (!(got_ >= low_ && got_ <= high_)) {                                                                \
			fprintf(stderr, "%s:%d: %s is %g, not %g to %g\n", __FILE__, __LINE__, #actual, got_, low_, high_); \
			exit(1);                                                                                       \
		}                                                                                                      \
	} while (0)

/* Runs a test function and names it. */
#define RUN(test)                                     \
	do {                                          \
		test();                               \
		printf("ok %s\n", #test);             \
		fflush(stdout);                       \
	} while (0)

#endif
