/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All states of a migration, of its source and of its target, in one place. A state is where a side waits for somebody else; what lies between two states cannot be interrupted
 * but by the end of the process. The order counts: each side only goes down its list, but that a source which may keep its VM goes to SOURCE_OVER at any time before SOURCE_LETS_GO.
 *
 * The name, with '_' for '-', is what a status tells ("migration": {"state": ...}). test/migration_faults.py cancels, kills, cuts the network and fills the disk in each of these
 * states, and fails for a state that it does not know.
 */
#ifndef MOBIHOST_MIGRATION_STATES_H
#define MOBIHOST_MIGRATION_STATES_H

#define MIGRATION_STATES(STATE)                                                              \
	/* source */                                                                         \
	STATE(SOURCE_CONNECTS, "source-connects") /* looks for a way to the target */         \
	STATE(SOURCE_GREETS, "source-greets") /* the target starts its guest process */       \
	STATE(SOURCE_COPIES, "source-copies") /* passes; the guest runs */                    \
	STATE(SOURCE_FREEZES, "source-freezes") /* the guest was asked to stand still */      \
	STATE(SOURCE_FINISHES, "source-finishes") /* it does; the rest crosses, until READY */ \
	STATE(SOURCE_LETS_GO, "source-lets-go") /* the record says so; GO, until RUNNING */   \
	STATE(SOURCE_UNSURE, "source-unsure") /* handed over, no word came: migration.resolve */ \
	STATE(SOURCE_PASSES_ON, "source-passes-on") /* it runs at the target: datagrams are passed on */ \
	STATE(SOURCE_THAWS, "source-thaws") /* gives up: the guest is to go on */            \
	STATE(SOURCE_OVER, "source-over") /* the VM goes on here */                           \
	/* target */                                                                         \
	STATE(TARGET_LISTENS, "target-listens") /* for its source */                          \
	STATE(TARGET_STARTS, "target-starts") /* the guest process */                         \
	STATE(TARGET_TAKES, "target-takes") /* pages, blocks, devices */                      \
	STATE(TARGET_READY, "target-ready") /* waits for GO */                                \
	STATE(TARGET_UNSURE, "target-unsure") /* the source was lost without GO: migration.resolve */ \
	STATE(TARGET_RESUMES, "target-resumes") /* GO has come, the record says so */         \
	STATE(TARGET_OVER, "target-over") /* the VM runs here, or never will */

/* So much later than it happens desktops are told of a switch, and it is written down that it is over: till then the VM has the processors for itself, also where the desktop is on its host. */
#define MIGRATION_HUSH_US 25000

enum migration_state {
#define MIGRATION_STATE_NAME(name, text) name,
	MIGRATION_STATES(MIGRATION_STATE_NAME)
#undef MIGRATION_STATE_NAME
	MIGRATION_STATE_COUNT
};

const char *migration_state_name(enum migration_state state);

#endif
