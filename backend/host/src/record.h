/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a VM: who may run it, and since when (vms/<instance>/state.json). Theory in record.c. */
#ifndef MOBIHOST_RECORD_H
#define MOBIHOST_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "fail.h"
#include "process.h"

enum vm_state {
	VM_CREATED,     /* folder and configuration, nothing else */
	VM_BOOTING,     /* the process runs, the set-up script has not ended */
	VM_RUNNING,
	VM_STOPPING,    /* asked to power off, or being killed */
	VM_STOPPED,
	VM_CRASHED,
	VM_PARKED,      /* no process; the RAM file holds the frozen guest: a start continues it */
	VM_INCOMING,    /* migration target until GO */
	VM_SENDING,     /* migration source, guest runs */
	VM_FROZEN,      /* migration source, guest stands still, may still be thawed */
	VM_HANDED_OVER, /* migration source after the record: must never run again here */
	VM_SAVED,       /* put here from a snapshot (state_put.c): RAM file, disks and device state wait for a start */
	VM_STATES
};

const char *vm_state_name(enum vm_state state);
/* VM_STATES when the name is unknown. */
enum vm_state vm_state_parse(const char *name);

#define RECORD_FILE "state.json"

struct record {
	enum vm_state state;
	uint64_t since;             /* microseconds since 1970 */
	pid_t supervisor;
	struct process_group group; /* leader 0: no process was started */
	int cpu;                    /* -1: none */
	int seccomp;                /* 1 seccomp, 0 ptrace, -1 not known yet */
	char ram[512];              /* path of the RAM file; "" when there is none that outlives the supervisor */
	uint64_t mark_offset;       /* of struct um_checkpoint_mark in it; 0: not known */
	char setup_boot[64];        /* boot id of the guest whose set-up script has ended well */
	char error[1000];           /* a sentence, or "" */
	uint64_t keep_clock_us;     /* VM_SAVED: the guest's wall clock goes on from this time of the host's; 0: it follows the host's */
	json_t *exit;               /* how the process ended, or NULL */
	json_t *migration;          /* what migration keeps, or NULL */
	json_t *draft;              /* as loaded: a record that may have been acted on if the host was restarted since, or NULL */
	char arrived[65];           /* the migration that brought the guest here, or "" */
};

void record_init(struct record *record);
void record_clear(struct record *record);

/* Reads state.json of an instance's folder. */
int record_load(int folder, struct record *record, struct fail *fail);
/* sync: on disk when it returns. The old record holds when it fails. */
int record_store(int folder, const struct record *record, bool sync, struct fail *fail);

enum record_draft {
	DRAFT_HANDED_OVER, /* by a migration's source */
	DRAFT_READY,	   /* at its target: the guest is here, GO may come */
	DRAFT_ARRIVED,	   /* and has come */
	DRAFTS
};

/* A record to be taken later by a rename, which needs no flush: it is on disk when record_draft_write returns. To be taken once. Theory in record.c. */
json_t *record_json(const struct record *record); /* new reference, NULL without memory */
int record_draft_write(int folder, enum record_draft which, const json_t *draft, struct fail *fail); /* any thread */
int record_draft_take(int folder, enum record_draft which, struct fail *fail);

/* Only for an instance without a supervisor: what its record and its RAM file together say. Fills record->error with what to do. */
void record_settle(struct record *record);

/* The members of a status that configuration and record give. New reference, NULL without memory. */
json_t *record_status(const char *instance, const json_t *config, const struct record *record);

#endif
