// SPDX-License-Identifier: GPL-2.0
/*
 * What tracing needs: BTF and bpftrace. The module works without either.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

/* The oldest that tools/bpftrace/ runs with. */
#define BPFTRACE_MAJOR	0
#define BPFTRACE_MINOR	17

/*
 * The module's BTF: as the kernel has it, else as the file has it.
 *
 * Return: 1 or 0, -ENODATA when there is nothing to look at, or another
 * negative errno.
 */
static int module_has_btf(struct doctor *doctor)
{
	if (doctor->running && doctor->loaded)
		return system_exists(&doctor->system,
				     "/sys/kernel/btf/" MODULE_NAME);
	if (!doctor->installed.legible)
		return -ENODATA;
	return doctor->installed.has_btf;
}

static int without_module_btf(struct doctor *doctor, struct finding *finding)
{
	char rebuild[384], remedy[512];

	doctor_remedy_rebuild(doctor, rebuild, sizeof(rebuild));
	snprintf(remedy, sizeof(remedy), "sudo apt install pahole, %s", rebuild);
	return doctor_not_well(finding, VERDICT_WARNING, remedy,
			       "the module has none: tracepoints work, fentry and CO-RE on its types do not");
}

/**
 * doctor_check_btf - the types of kernel and module, for tracing
 * @doctor: the kernel
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_btf(struct doctor *doctor, struct finding *finding)
{
	int ret;

	if (doctor->running) {
		ret = system_exists(&doctor->system, "/sys/kernel/btf/vmlinux");
		if (ret < 0)
			return doctor_cannot_read(doctor, finding, ret);
		if (!ret)
			return doctor_not_well(finding, VERDICT_WARNING,
					       "use a kernel that has it, as Debian's do",
					       "the kernel has none: tracepoints work, fentry and CO-RE do not");
	}
	ret = module_has_btf(doctor);
	if (ret == -ENODATA && doctor->running)
		return doctor_ok(finding, "the kernel has it; no module to look at");
	if (ret == -ENODATA)
		return doctor_not_well(finding, VERDICT_NOT_APPLICABLE, NULL,
				       "not applicable: no module to look at");
	if (ret < 0)
		return doctor_cannot_read(doctor, finding, ret);
	if (!ret)
		return without_module_btf(doctor, finding);
	return doctor_ok(finding, "%s", doctor->running ?
			 "kernel and module have it" : "the module has it");
}

static int judge_version(struct finding *finding, const char *text)
{
	unsigned int major, minor;

	if (sscanf(text, "%u.%u", &major, &minor) != 2)
		return doctor_not_well(finding, VERDICT_UNKNOWN,
				       "see what bpftrace --version says",
				       "bpftrace does not say its version");
	if (major == BPFTRACE_MAJOR && minor < BPFTRACE_MINOR)
		return doctor_not_well(finding, VERDICT_WARNING,
				       "install 0.17 or later, as Debian 12 has it: sudo apt install bpftrace",
				       "%u.%u is too old for the scripts", major,
				       minor);
	return doctor_ok(finding, "%u.%u", major, minor);
}

/**
 * doctor_check_bpftrace - whether the scripts can be run
 * @doctor: the system
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_bpftrace(struct doctor *doctor, struct finding *finding)
{
	static const char *const arguments[] = { "bpftrace", "--version", NULL };
	struct system_file output;
	char package[64] = "";
	const char *version;
	int ret;

	/* Another root's program needs that root's libraries. */
	if (doctor->system.foreign &&
	    !doctor_package_version(doctor, "bpftrace", package,
				    sizeof(package)) && package[0])
		return judge_version(finding, package);
	ret = system_run(&doctor->system, arguments, &output);
	if (ret == -ENOMEM)
		return ret;
	if (ret == -ENOENT)
		return doctor_not_well(finding, VERDICT_WARNING,
				       "sudo apt install bpftrace",
				       "not installed: the scripts need it, the module does not");
	if (ret)
		return doctor_not_well(finding, VERDICT_UNKNOWN,
				       "see what bpftrace --version says",
				       "bpftrace --version: %s", strerror(-ret));
	version = strstr(output.bytes, "bpftrace v");
	ret = judge_version(finding, version ? version + strlen("bpftrace v") :
					       "");
	free(output.bytes);
	return ret;
}
