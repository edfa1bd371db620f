// SPDX-License-Identifier: GPL-2.0
/* Sections of an ELF file; see elf.h. */
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "elf.h"

#define OUR_BYTE_ORDER \
	(BYTE_ORDER == LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB)

static bool within(const struct system_file *file, Elf64_Off offset,
		   Elf64_Xword size)
{
	return offset <= file->size && size <= file->size - offset;
}

/**
 * elf_check - whether a file is one that we can look into
 * @file: the file
 *
 * Return: 0, or -ENOEXEC when it is not a whole ELF file of 64 bits in this
 * machine's byte order.
 */
int elf_check(const struct system_file *file)
{
	Elf64_Ehdr header;

	if (file->size < sizeof(header))
		return -ENOEXEC;
	memcpy(&header, file->bytes, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    header.e_ident[EI_DATA] != OUR_BYTE_ORDER ||
	    header.e_shentsize != sizeof(Elf64_Shdr) ||
	    header.e_shstrndx >= header.e_shnum ||
	    !within(file, header.e_shoff,
		    (Elf64_Xword)header.e_shnum * sizeof(Elf64_Shdr)))
		return -ENOEXEC;
	return 0;
}

/* Headers need not be aligned in a file, so they are copied. */
static Elf64_Shdr section_header(const struct system_file *file,
				 unsigned int index)
{
	Elf64_Shdr section;
	Elf64_Ehdr header;

	memcpy(&header, file->bytes, sizeof(header));
	memcpy(&section, file->bytes + header.e_shoff + index * sizeof(section),
	       sizeof(section));
	return section;
}

static bool is_named(const struct system_file *file, const Elf64_Shdr *names,
		     const Elf64_Shdr *section, const char *name)
{
	size_t size = strlen(name) + 1;

	return within(file, names->sh_offset, names->sh_size) &&
	       section->sh_name <= names->sh_size &&
	       size <= names->sh_size - section->sh_name &&
	       !memcmp(file->bytes + names->sh_offset + section->sh_name, name,
		       size);
}

/**
 * elf_find_section - find a section by its name
 * @file: a file that passed elf_check()
 * @name: the name
 * @section: where it goes; it lies within the file
 *
 * Return: 0, -ENOENT, or -ENOEXEC when it does not lie within the file.
 */
int elf_find_section(const struct system_file *file, const char *name,
		     struct elf_section *section)
{
	Elf64_Shdr names, candidate;
	Elf64_Ehdr header;
	unsigned int i;

	memcpy(&header, file->bytes, sizeof(header));
	names = section_header(file, header.e_shstrndx);
	for (i = 0; i < header.e_shnum; i++) {
		candidate = section_header(file, i);
		if (!is_named(file, &names, &candidate, name))
			continue;
		if (candidate.sh_type == SHT_NOBITS ||
		    !within(file, candidate.sh_offset, candidate.sh_size))
			return -ENOEXEC;
		section->bytes = file->bytes + candidate.sh_offset;
		section->size = candidate.sh_size;
		return 0;
	}
	return -ENOENT;
}
