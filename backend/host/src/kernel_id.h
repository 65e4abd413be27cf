/* SPDX-License-Identifier: Apache-2.0 */
/* Which guest kernel a file is: the build id that its linker gave it. */
#ifndef MOBIHOST_KERNEL_ID_H
#define MOBIHOST_KERNEL_ID_H

#include <stdbool.h>

#include "../../kernel/um_control.h"
#include "store.h"

/* Hexadecimal digits of a build id and the zero byte. */
#define KERNEL_ID_TEXT (2 * UM_BUILD_ID_SIZE + 1)

/* Of the kernel of an agent version; false: there is none, or it has no build id. */
bool kernel_id(const struct store *store, const char *agent, char id[KERNEL_ID_TEXT]);
/* An agent version on this host whose kernel has that build id. */
bool kernel_find(const struct store *store, const char *id, char agent[65]);

#endif
