// SPDX-License-Identifier: GPL-2.0
/*
 * twostage doctor: what stands between a machine and a working module.
 *
 * This file has the table of checks and what they start from; see doctor.h for
 * the rules. Nothing is changed, and nothing needs root; what only root may
 * read is reported as unknown.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "doctor.h"

/*
 * In the order in which the remedies are best followed. The first says which
 * series the kernel is of, from which others start.
 */
static const struct check checks[] = {
	{ "kernel",	 false, false, doctor_check_kernel },
	{ "headers",	 false, true,  doctor_check_headers },
	{ "source",	 false, true,  doctor_check_source },
	{ "space",	 false, false, doctor_check_space },
	{ "dkms",	 false, false, doctor_check_dkms },
	{ "module",	 false, true,  doctor_check_module },
	{ "functions",	 false, false, doctor_check_functions },
	{ "secure-boot", false, false, doctor_check_secure_boot },
	{ "lockdown",	 true,	false, doctor_check_lockdown },
	{ "stock-btrfs", true,	false, doctor_check_stock },
	{ "loaded",	 true,	false, doctor_check_loaded },
	{ "filesystems", true,	false, doctor_check_filesystems },
	{ "btf",	 false, false, doctor_check_btf },
	{ "bpftrace",	 false, false, doctor_check_bpftrace },
};

#define NR_CHECKS	(sizeof(checks) / sizeof(*checks))

/* A root without /proc is that of a system that does not run. */
static int find_running(struct doctor *doctor, char *release, size_t size)
{
	struct utsname name;
	int ret;

	ret = system_read_line(&doctor->system, release, size,
			       "/proc/sys/kernel/osrelease");
	doctor->running = !ret;
	if (ret != -ENOENT)
		return ret;
	if (uname(&name))
		return -errno;
	snprintf(release, size, "%s", name.release);
	return 0;
}

/* What DKMS knows of us: this program's version, else the last of others. */
static void find_dkms_version(struct doctor *doctor)
{
	size_t size = sizeof(doctor->dkms_version);
	char **names, **name;

	doctor->dkms_ret = system_list(&doctor->system, &names,
				       "/var/lib/dkms/" DKMS_NAME);
	if (doctor->dkms_ret == -ENOENT)
		doctor->dkms_ret = 0;
	for (name = names; name && *name; name++) {
		/* Beside versions there are links to what is installed. */
		if (system_exists(&doctor->system,
				  "/var/lib/dkms/" DKMS_NAME "/%s/source",
				  *name) <= 0)
			continue;
		snprintf(doctor->dkms_version, size, "%s", *name);
		if (!strcmp(*name, TWOSTAGE_VERSION))
			break;
	}
	system_free_list(names);
}

/* What several checks start from; the check of each says what is wrong. */
static void gather(struct doctor *doctor)
{
	char takeover[8];

	find_dkms_version(doctor);
	doctor_read_installed(doctor);
	if (!doctor->running)
		return;
	doctor->loaded = system_exists(&doctor->system,
				       "/sys/module/" MODULE_NAME) > 0;
	doctor->takeover = doctor->loaded &&
		!system_read_line(&doctor->system, takeover, sizeof(takeover),
				  "/sys/module/" MODULE_NAME "/parameters/takeover") &&
		takeover[0] == 'Y';
}

static int examine(struct doctor *doctor, struct finding *findings)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < NR_CHECKS && !ret; i++) {
		findings[i].check = checks[i].name;
		if (checks[i].running_only && !doctor->running)
			ret = doctor_not_well(&findings[i],
					      VERDICT_NOT_APPLICABLE, NULL,
					      "not applicable: kernel %s is not running",
					      doctor->kernel);
		else if (checks[i].supported_only && doctor->unsupported)
			ret = doctor_not_well(&findings[i],
					      VERDICT_NOT_APPLICABLE, NULL,
					      "not applicable: kernel %s is not supported",
					      doctor->kernel);
		else
			ret = checks[i].examine(doctor, &findings[i]);
	}
	return ret;
}

static int report(const struct doctor *doctor, const struct finding *findings,
		  bool json)
{
	if (json)
		return doctor_print_json(doctor, findings, NR_CHECKS);
	return doctor_print_text(findings, NR_CHECKS);
}

/**
 * doctor_run - examine a machine and say what was found
 * @options: the command line
 *
 * Return: 0 if all is well, 1 if there is something to do, or a negative errno
 * when no report could be made.
 */
int doctor_run(const struct doctor_options *options)
{
	struct finding findings[NR_CHECKS] = { 0 };
	struct doctor doctor = { .root = options->root };
	char release[128];
	size_t i;
	int ret;

	ret = system_open_root(&doctor.system, options->root);
	if (!ret)
		ret = find_running(&doctor, release, sizeof(release));
	if (ret)
		goto out;
	doctor.kernel = options->kernel ? options->kernel : release;
	doctor.running = doctor.running && !strcmp(doctor.kernel, release);
	gather(&doctor);
	ret = examine(&doctor, findings);
	if (!ret)
		ret = report(&doctor, findings, options->json);
	if (!ret)
		ret = !doctor_is_well(findings, NR_CHECKS);
	for (i = 0; i < NR_CHECKS; i++) {
		free(findings[i].text);
		free(findings[i].remedy);
	}
out:
	system_close_root(&doctor.system);
	return ret;
}
