/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The build id is an ELF note of a loaded segment (PT_NOTE, owner "GNU", type 3). The kernel tells it as well, but only once it runs.
 */
#define _GNU_SOURCE
#include "kernel_id.h"

#include <elf.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "params.h"

#define NOTES_MAX 4096
#define SEGMENTS_MAX 64

/* The build id in the notes of one segment. */
static bool note_find(const uint8_t *notes, size_t size, char id[KERNEL_ID_TEXT])
{
	Elf64_Nhdr note;

	for (size_t at = 0; size - at >= sizeof(note);) {
		size_t name, value;

		memcpy(&note, notes + at, sizeof(note));
		at += sizeof(note);
		name = ((size_t)note.n_namesz + 3) & ~(size_t)3;
		value = ((size_t)note.n_descsz + 3) & ~(size_t)3;
		if (name > size - at || value > size - at - name)
			return false;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(notes + at, "GNU", 4) && note.n_descsz == UM_BUILD_ID_SIZE) {
			sodium_bin2hex(id, KERNEL_ID_TEXT, notes + at + name, UM_BUILD_ID_SIZE);
			return true;
		}
		at += name + value;
	}
	return false;
}

static bool file_find(int fd, char id[KERNEL_ID_TEXT])
{
	uint8_t notes[NOTES_MAX];
	Elf64_Phdr segment;
	Elf64_Ehdr head;

	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) || memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    head.e_phentsize != sizeof(segment))
		return false;
	for (unsigned i = 0; i < head.e_phnum && i < SEGMENTS_MAX; i++) {
		ssize_t size;

		if (pread(fd, &segment, sizeof(segment), (off_t)(head.e_phoff + i * sizeof(segment))) != (ssize_t)sizeof(segment))
			return false;
		if (segment.p_type != PT_NOTE)
			continue;
		size = pread(fd, notes, segment.p_filesz < sizeof(notes) ? segment.p_filesz : sizeof(notes), (off_t)segment.p_offset);
		if (size > 0 && note_find(notes, (size_t)size, id))
			return true;
	}
	return false;
}

bool kernel_id(const struct store *store, const char *agent, char id[KERNEL_ID_TEXT])
{
	char path[100];
	bool found;
	int fd;

	snprintf(path, sizeof(path), "agent/%.64s/linux", agent);
	fd = openat(store->fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	found = file_find(fd, id);
	close(fd);
	return found;
}

struct search {
	const struct store *store;
	const char *id;
	char *agent;
};

static int compare(void *arg, int folder, const char *name)
{
	struct search *search = arg;
	char id[KERNEL_ID_TEXT];

	(void)folder;
	if (!params_is_hex(name, 64) || !kernel_id(search->store, name, id) || strcmp(id, search->id))
		return 0;
	strcpy(search->agent, name);
	return 1;
}

bool kernel_find(const struct store *store, const char *id, char agent[65])
{
	struct search search = { .store = store, .id = id, .agent = agent };
	int agents = store_folder(store, "agent");
	bool found = agents >= 0 && store_each(agents, compare, &search) == 1;

	if (agents >= 0)
		close(agents);
	return found;
}
