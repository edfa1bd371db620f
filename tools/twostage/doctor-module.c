// SPDX-License-Identifier: GPL-2.0
/*
 * The module's file: whether DKMS has built and installed it, what it says of
 * itself, and what the build said of the functions that it replaces.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "elf.h"
#include "unpack.h"

static const char signature_end[] = "~Module signature appended~\n";

static const char folder_format[] = "/lib/modules/%s/updates/dkms";

/* Sets @value from "name=value" in .modinfo, whose strings end with a 0. */
static void read_modinfo(const struct elf_section *section, const char *name,
			 char *value, size_t size)
{
	const char *end = section->bytes + section->size;
	const char *text = section->bytes;
	size_t length, name_length = strlen(name);

	for (; text < end; text += length + 1) {
		length = strnlen(text, end - text);
		if (length <= name_length || text[name_length] != '=' ||
		    strncmp(text, name, name_length))
			continue;
		snprintf(value, size, "%.*s", (int)(length - name_length - 1),
			 text + name_length + 1);
		return;
	}
}

static int look_into(struct installed *installed,
		     const struct system_file *file)
{
	size_t end_size = sizeof(signature_end) - 1;
	struct elf_section section;
	int ret;

	ret = elf_check(file);
	if (!ret)
		ret = elf_find_section(file, ".modinfo", &section);
	if (ret)
		return -ENOEXEC;
	read_modinfo(&section, "version", installed->version,
		     sizeof(installed->version));
	read_modinfo(&section, "srcversion", installed->srcversion,
		     sizeof(installed->srcversion));
	read_modinfo(&section, "distribution_source", installed->source,
		     sizeof(installed->source));
	read_modinfo(&section, "vermagic", installed->kernel,
		     sizeof(installed->kernel));
	installed->kernel[strcspn(installed->kernel, " ")] = 0;
	installed->has_btf = !elf_find_section(file, ".BTF", &section);
	installed->is_signed = file->size > end_size &&
		!memcmp(file->bytes + file->size - end_size, signature_end,
			end_size);
	installed->legible = true;
	return 0;
}

static int find_file(struct doctor *doctor, struct installed *installed)
{
	char **names, **name;
	int ret;

	ret = system_list(&doctor->system, &names, folder_format,
			  doctor->kernel);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	for (name = names; *name; name++) {
		if (strncmp(*name, MODULE_NAME ".ko", strlen(MODULE_NAME ".ko")))
			continue;
		snprintf(installed->path, sizeof(installed->path),
			 "/lib/modules/%s/updates/dkms/%s", doctor->kernel,
			 *name);
		installed->found = true;
		break;
	}
	system_free_list(names);
	return 0;
}

/**
 * doctor_read_installed - find out what is installed for the kernel
 * @doctor: the kernel; its installed is filled in
 */
void doctor_read_installed(struct doctor *doctor)
{
	struct installed *installed = &doctor->installed;
	struct system_file file;
	const char *suffix;

	installed->ret = find_file(doctor, installed);
	if (installed->ret || !installed->found)
		return;
	suffix = strrchr(installed->path, '.');
	/* Kernels can read zstd and gzip too; Debian's are made for xz. */
	if (strcmp(suffix, ".ko") && strcmp(suffix, ".xz"))
		return;
	installed->ret = system_read(&doctor->system, &file, "%s",
				     installed->path);
	if (!installed->ret && !strcmp(suffix, ".xz"))
		installed->ret = unpack_xz(&file);
	if (!installed->ret)
		installed->ret = look_into(installed, &file);
	free(file.bytes);
}

/**
 * doctor_remedy_rebuild - how the module is built again
 * @doctor: the kernel
 * @remedy: where the commands go
 * @size: the space there
 */
void doctor_remedy_rebuild(const struct doctor *doctor, char *remedy,
			   size_t size)
{
	const char *version = doctor->dkms_version[0] ? doctor->dkms_version :
							TWOSTAGE_VERSION;

	snprintf(remedy, size,
		 "sudo dkms build --force " DKMS_NAME
		 "/%s -k %s && sudo dkms install --force " DKMS_NAME
		 "/%s -k %s",
		 version, doctor->kernel, version, doctor->kernel);
}

static int not_installed(struct doctor *doctor, struct finding *finding)
{
	char remedy[512];
	int failed;

	if (!doctor->dkms_version[0]) {
		snprintf(remedy, sizeof(remedy),
			 "sudo make install%s%s, in a clone of the project",
			 doctor->running ? "" : " KVER=",
			 doctor->running ? "" : doctor->kernel);
		return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
				       "not installed for kernel %s",
				       doctor->kernel);
	}
	/* DKMS clears that folder when a build has succeeded. */
	failed = system_exists(&doctor->system,
			       "/var/lib/dkms/" DKMS_NAME "/%s/build/make.log",
			       doctor->dkms_version);
	snprintf(remedy, sizeof(remedy),
		 "%ssudo dkms install " DKMS_NAME "/%s -k %s",
		 failed > 0 ? "mend what the end of that file says, then " : "",
		 doctor->dkms_version, doctor->kernel);
	if (failed > 0)
		return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
				       "not installed for kernel %s; the last build failed: %s",
				       doctor->kernel, doctor->system.path);
	return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
			       "known to DKMS, but not installed for kernel %s",
			       doctor->kernel);
}

/**
 * doctor_check_module - whether the module is installed for the kernel
 * @doctor: the kernel
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_module(struct doctor *doctor, struct finding *finding)
{
	const struct installed *installed = &doctor->installed;
	char remedy[512];

	doctor_remedy_rebuild(doctor, remedy, sizeof(remedy));
	if (installed->ret == -ENOEXEC)
		return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
				       "%s is no kernel module",
				       installed->path);
	if (installed->ret == -ENOMEM)
		return installed->ret;
	if (installed->ret) {
		snprintf(doctor->system.path, sizeof(doctor->system.path),
			 installed->found ? "%s" : folder_format,
			 installed->found ? installed->path : doctor->kernel);
		return doctor_cannot_read(doctor, finding, installed->ret);
	}
	if (!installed->found)
		return not_installed(doctor, finding);
	if (!installed->legible)
		return doctor_ok(finding, "installed, compressed: %s",
				 installed->path);
	if (strcmp(installed->kernel, doctor->kernel))
		return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
				       "installed, but built for kernel %s",
				       installed->kernel);
	return doctor_ok(finding, "%s installed, built from %s, %ssigned",
			 installed->version, installed->source,
			 installed->is_signed ? "" : "not ");
}

/* The line in which tools/dkms/guard names them, from the build's log. */
static int find_unread(struct doctor *doctor, char **functions)
{
	static const char before[] =
		" has functions that nobody has compared with this module yet: ";
	struct system_file file = { 0 };
	char **names, **name, *start;
	int ret;

	*functions = NULL;
	ret = system_list(&doctor->system, &names,
			  "/var/lib/dkms/" DKMS_NAME "/%s/%s",
			  doctor->dkms_version, doctor->kernel);
	if (ret)
		return ret;
	ret = -ENOENT;
	for (name = names; *name && ret == -ENOENT; name++)
		ret = system_read(&doctor->system, &file,
				  "/var/lib/dkms/" DKMS_NAME "/%s/%s/%s/log/make.log",
				  doctor->dkms_version, doctor->kernel, *name);
	system_free_list(names);
	if (ret)
		return ret;
	start = strstr(file.bytes, before);
	if (start) {
		start += sizeof(before) - 1;
		*functions = strndup(start, strcspn(start, ";\n"));
		ret = *functions ? 0 : -ENOMEM;
	}
	free(file.bytes);
	return ret;
}

/* Whether somebody has loaded it with force=1; also "no" where not loaded. */
static bool is_forced(struct doctor *doctor)
{
	char force[8];

	return doctor->loaded &&
	       !system_read_line(&doctor->system, force, sizeof(force),
				 "/sys/module/" MODULE_NAME "/parameters/force") &&
	       force[0] == 'Y';
}

/**
 * doctor_check_functions - whether all policies may be used
 * @doctor: the kernel
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_functions(struct doctor *doctor, struct finding *finding)
{
	char remedy[512], *functions;
	int ret;

	if (!doctor->installed.found || !doctor->dkms_version[0])
		return doctor_not_well(finding, VERDICT_NOT_APPLICABLE, NULL,
				       "not applicable: no module was built");
	ret = find_unread(doctor, &functions);
	doctor_remedy_rebuild(doctor, remedy, sizeof(remedy));
	if (ret == -ENOENT)
		return doctor_not_well(finding, VERDICT_UNKNOWN, remedy,
				       "the build left no log that says whether all functions are known");
	if (ret)
		return doctor_cannot_read(doctor, finding, ret);
	if (!functions)
		return doctor_ok(finding,
				 "all that the module replaces are known: every policy may be used");
	ret = doctor_not_well(finding, VERDICT_WARNING,
			      "install a newer " DKMS_NAME ", or the source and kernel of a point release that it knows",
			      "%s: not compared with the module: %s",
			      is_forced(doctor) ? "used with force=1" :
						  "only the policy stock may be used",
			      functions);
	free(functions);
	return ret;
}
