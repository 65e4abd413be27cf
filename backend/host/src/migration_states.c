/* SPDX-License-Identifier: Apache-2.0 */
#include "migration_states.h"

static const char *const names[MIGRATION_STATE_COUNT] = {
#define MIGRATION_STATE_TEXT(name, text) [name] = text,
	MIGRATION_STATES(MIGRATION_STATE_TEXT)
#undef MIGRATION_STATE_TEXT
};

const char *migration_state_name(enum migration_state state)
{
	return names[state];
}
