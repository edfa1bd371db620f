/* SPDX-License-Identifier: GPL-2.0 */
/* Sections of a 64-bit ELF file that has been read; nothing in it is trusted. */
#ifndef TWOSTAGE_ELF_H
#define TWOSTAGE_ELF_H

#include "system.h"

struct elf_section {
	const char *bytes;
	size_t size;
};

int elf_check(const struct system_file *file);
int elf_find_section(const struct system_file *file, const char *name,
		     struct elf_section *section);

#endif
