// SPDX-License-Identifier: GPL-2.0
/*
 * The module in the running kernel: whether it is the one that is installed,
 * and what it gives new mounts.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor.h"

#define LOADED	"/sys/module/" MODULE_NAME

static int not_loaded(struct doctor *doctor, struct finding *finding)
{
	if (!system_exists(&doctor->system, "/proc/modules"))
		return doctor_not_well(finding, VERDICT_PROBLEM,
				       "use a kernel of the distribution",
				       "this kernel cannot load modules");
	if (!doctor->installed.found)
		return doctor_not_well(finding, VERDICT_PROBLEM,
				       "install it first: see there",
				       "not loaded, and not installed");
	return doctor_not_well(finding, VERDICT_WARNING,
			       "sudo modprobe " MODULE_NAME ", or mount with -t " MODULE_NAME,
			       "not loaded");
}

/* Parameters of a module that is just going away may be gone. */
static int read_parameters(struct doctor *doctor, char *policy, char *window,
			   size_t size)
{
	int ret;

	ret = system_read_line(&doctor->system, policy, size,
			       LOADED "/parameters/policy");
	if (!ret)
		ret = system_read_line(&doctor->system, window, size,
				       LOADED "/parameters/window");
	return ret;
}

static int compare_loaded(struct doctor *doctor, struct finding *finding,
			  const char *version, const char *srcversion)
{
	const struct installed *installed = &doctor->installed;
	char policy[64], window[64];
	int ret;

	if (installed->legible && (strcmp(version, installed->version) ||
				   strcmp(srcversion, installed->srcversion)))
		return doctor_not_well(finding, VERDICT_WARNING,
				       "unmount its filesystems, sudo rmmod " MODULE_NAME
				       " && sudo modprobe " MODULE_NAME,
				       "loaded is %s (%s), and installed %s (%s)",
				       version, srcversion, installed->version,
				       installed->srcversion);
	ret = read_parameters(doctor, policy, window, sizeof(policy));
	if (ret)
		return doctor_cannot_read(doctor, finding, ret);
	if (!strcmp(window, "-1"))
		return doctor_ok(finding, "%s%s, new mounts begin as %s",
				 version, doctor->takeover ? " as btrfs" : "",
				 policy);
	return doctor_ok(finding, "%s%s, new mounts begin as %s, window %s",
			 version, doctor->takeover ? " as btrfs" : "", policy,
			 strcmp(window, "0") ? window : "none");
}

/**
 * doctor_check_loaded - whether the module is loaded, and which one
 * @doctor: the kernel, which is running
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_loaded(struct doctor *doctor, struct finding *finding)
{
	char version[64], srcversion[64];
	int ret;

	ret = system_exists(&doctor->system, LOADED);
	if (ret < 0)
		return doctor_cannot_read(doctor, finding, ret);
	if (!ret)
		return not_loaded(doctor, finding);
	ret = system_read_line(&doctor->system, version, sizeof(version),
			       LOADED "/version");
	if (!ret)
		ret = system_read_line(&doctor->system, srcversion,
				       sizeof(srcversion), LOADED "/srcversion");
	if (ret)
		return doctor_cannot_read(doctor, finding, ret);
	return compare_loaded(doctor, finding, version, srcversion);
}
