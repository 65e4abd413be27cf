/* SPDX-License-Identifier: Apache-2.0 */
/* Why something did not work: a code for programs and a sentence for people. */
#ifndef MOBIHOST_FAIL_H
#define MOBIHOST_FAIL_H

struct fail {
	char code[32];      /* kebab-case, listed in docs/protocols.md */
	char message[1000]; /* what failed, where, why, what now holds, what to do */
};

/* Fills *fail and returns -1, so that a function may end with `return fail_set(...)`. A cut-off text stays terminated. */
int fail_set(struct fail *fail, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
