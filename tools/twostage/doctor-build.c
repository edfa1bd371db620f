// SPDX-License-Identifier: GPL-2.0
/*
 * What a build needs: a kernel that is supported, headers, source, DKMS, room.
 *
 * Which source is taken, and what matches, is decided by tools/dkms/source;
 * here the same is foretold without unpacking anything.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor.h"
#include "kernels.h"

/*
 * Sets @value to what sscanf() finds with @format in a file of the headers,
 * empty when it is not there. Without the file there is nothing either.
 */
static int scan_headers(struct doctor *doctor, const char *file_name,
			const char *start, const char *format, char *value)
{
	struct system_file file;
	char *line;
	int ret;

	value[0] = 0;
	ret = system_read(&doctor->system, &file, "/lib/modules/%s/build/%s",
			  doctor->kernel, file_name);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	line = strstr(file.bytes, start);
	if (line)
		sscanf(line + strlen(start), format, value);
	free(file.bytes);
	return 0;
}

/* "6.1.192-2" of the headers' line that ends with " Debian 6.1.192-2" */
static int read_package(struct doctor *doctor, char *version)
{
	return scan_headers(doctor, "include/generated/package.h",
			    "#define LINUX_PACKAGE_ID \" ",
			    "%*[A-Za-z] %127[^\"]", version);
}

/*
 * Sets @release to the kernel that they are of, where they say so: Debian's
 * kernel.release has the upstream version instead.
 *
 * Return: 1 if they are there and are this kernel's, 0, or a negative errno.
 */
static int find_headers(struct doctor *doctor, char *release)
{
	int ret;

	release[0] = 0;
	ret = system_exists(&doctor->system, "/lib/modules/%s/build/Makefile",
			    doctor->kernel);
	if (ret > 0)
		ret = system_exists(&doctor->system,
				    "/lib/modules/%s/build/include/config/kernel.release",
				    doctor->kernel);
	if (ret <= 0)
		return ret;
	ret = scan_headers(doctor, "include/generated/utsrelease.h",
			   "#define UTS_RELEASE \"", "%127[^\"]", release);
	if (ret)
		return ret;
	return !release[0] || !strcmp(release, doctor->kernel);
}

/**
 * doctor_check_headers - the kernel's headers
 * @doctor: the kernel
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_headers(struct doctor *doctor, struct finding *finding)
{
	char release[VERSION_SIZE], version[VERSION_SIZE], remedy[256];
	int ret;

	snprintf(remedy, sizeof(remedy), "sudo apt install linux-headers-%s",
		 doctor->kernel);
	ret = find_headers(doctor, release);
	if (ret < 0)
		return doctor_cannot_read(doctor, finding, ret);
	if (!ret && release[0])
		return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
				       "/lib/modules/%s/build is of kernel %s",
				       doctor->kernel, release);
	if (!ret)
		return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
				       "no headers for kernel %s",
				       doctor->kernel);
	ret = read_package(doctor, version);
	if (ret)
		return doctor_cannot_read(doctor, finding, ret);
	if (!version[0])
		return doctor_ok(finding, "of kernel %s", doctor->kernel);
	return doctor_ok(finding, "of kernel %s, package version %s",
			 doctor->kernel, version);
}

/* "6.1" of "6.1.192-2" */
static bool series_of(const char *version, char *series, size_t size)
{
	unsigned int major, minor;

	if (!isdigit((unsigned char)version[0]) ||
	    sscanf(version, "%u.%u", &major, &minor) != 2)
		return false;
	snprintf(series, size, "%u.%u", major, minor);
	return true;
}

/* Whether @found is @wanted, or the upstream version of it. */
static bool is_same_version(const char *found, const char *wanted)
{
	size_t length = strspn(wanted, "0123456789.");

	return !strcmp(found, wanted) ||
	       (strlen(found) == length && !strncmp(found, wanted, length));
}

/**
 * doctor_package_version - the version of an installed package
 * @doctor: the system
 * @package: its name
 * @version: where the version goes; empty where dpkg does not know it
 * @size: the space there
 *
 * Return: 0 or a negative errno.
 */
int doctor_package_version(struct doctor *doctor, const char *package,
			   char *version, size_t size)
{
	bool ours = false, installed = false;
	struct system_file file;
	char *line, *next;
	int ret;

	version[0] = 0;
	ret = system_read(&doctor->system, &file, "/var/lib/dpkg/status");
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	for (line = file.bytes; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (!strncmp(line, "Package: ", 9)) {
			ours = !strcmp(line + 9, package);
			installed = false;
		} else if (ours && !strncmp(line, "Status: ", 8)) {
			installed = strstr(line, " installed");
		} else if (ours && installed && !strncmp(line, "Version: ", 9)) {
			snprintf(version, size, "%s", line + 9);
			break;
		}
	}
	free(file.bytes);
	return 0;
}

/* The version in the top Makefile of an unpacked tree. */
static int read_tree_version(struct doctor *doctor, const char *series,
			     char *version, size_t size)
{
	unsigned int major, minor, point = 0;
	struct system_file file;
	char *line;
	int ret;

	ret = system_read(&doctor->system, &file,
			  "/usr/src/linux-source-%s/Makefile", series);
	if (ret)
		return ret;
	line = strstr(file.bytes, "VERSION = ");
	snprintf(version, size, "unknown");
	if (line && sscanf(line, "VERSION = %u\nPATCHLEVEL = %u\nSUBLEVEL = %u",
			   &major, &minor, &point) >= 2)
		snprintf(version, size, point ? "%u.%u.%u" : "%u.%u", major,
			 minor, point);
	free(file.bytes);
	return 0;
}

/*
 * In the order of tools/dkms/source. Sets @found to the version, empty when
 * there is no source, and @kept if it is the extract of an earlier build.
 */
static int find_source(struct doctor *doctor, const char *wanted,
		       const char *series, char *found, bool *kept)
{
	char package[64];
	int ret;

	found[0] = 0;
	*kept = false;
	ret = system_exists(&doctor->system, "/var/cache/btrfs-twostage/%s/fs",
			    wanted);
	if (ret) {
		*kept = true;
		snprintf(found, VERSION_SIZE, "%s", wanted);
		return ret < 0 ? ret : 0;
	}
	ret = system_exists(&doctor->system, "/usr/src/linux-source-%s.tar.xz",
			    series);
	if (ret > 0) {
		snprintf(package, sizeof(package), "linux-source-%s", series);
		ret = doctor_package_version(doctor, package, found,
					     VERSION_SIZE);
		if (!ret && !found[0])
			snprintf(found, VERSION_SIZE, "%s", series);
		return ret;
	}
	if (!ret)
		ret = system_exists(&doctor->system,
				    "/usr/src/linux-source-%s/fs/btrfs",
				    series);
	if (ret <= 0)
		return ret;
	return read_tree_version(doctor, series, found, VERSION_SIZE);
}

static int compare_source(struct finding *finding, const char *wanted,
			  const char *series, const char *found)
{
	char found_series[32], remedy[512];

	if (is_same_version(found, wanted))
		return doctor_ok(finding, "%s, the kernel's own", found);
	snprintf(remedy, sizeof(remedy), "sudo apt install linux-source-%s",
		 series);
	if (!series_of(found, found_series, sizeof(found_series)) ||
	    strcmp(found_series, series))
		return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
				       "the source of %s is that of %s", series,
				       found);
	if (!strcmp(found, series)) {
		snprintf(remedy, sizeof(remedy),
			 "sudo apt install --reinstall linux-source-%s", series);
		return doctor_not_well(finding, VERDICT_WARNING, remedy,
				       "linux-source-%s.tar.xz is of no package that dpkg knows; the kernel is of %s",
				       series, wanted);
	}
	snprintf(remedy, sizeof(remedy),
		 "sudo apt install linux-source-%s=%s, or use the kernel of %s",
		 series, wanted, found);
	return doctor_not_well(finding, VERDICT_WARNING, remedy,
			       "%s, another point release than the kernel's %s",
			       found, wanted);
}

/* What stands in for the package's version where headers do not say it. */
static int read_release(struct doctor *doctor, char *release)
{
	int ret;

	ret = system_read_line(&doctor->system, release, VERSION_SIZE,
			       "/lib/modules/%s/build/include/config/kernel.release",
			       doctor->kernel);
	if (!ret && release[0])
		return 0;
	snprintf(release, VERSION_SIZE, "%s", doctor->kernel);
	return ret == -ENOENT ? 0 : ret;
}

static bool is_supported(const char *series)
{
	char name[40];

	snprintf(name, sizeof(name), " %s,", series);
	return strstr(" " SUPPORTED_SERIES ",", name);
}

/**
 * doctor_check_kernel - whether the kernel is one that the module is made for
 * @doctor: the kernel; its version and series are set
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_kernel(struct doctor *doctor, struct finding *finding)
{
	int ret;

	ret = read_package(doctor, doctor->version);
	if (!ret && !doctor->version[0])
		ret = read_release(doctor, doctor->version);
	if (ret)
		return doctor_cannot_read(doctor, finding, ret);
	if (!series_of(doctor->version, doctor->series, sizeof(doctor->series)))
		return doctor_not_well(finding, VERDICT_PROBLEM,
				       "name a kernel of the distribution: see /lib/modules",
				       "cannot tell the series of kernel %s",
				       doctor->kernel);
	doctor->unsupported = !is_supported(doctor->series);
	if (doctor->unsupported)
		return doctor_not_well(finding, VERDICT_PROBLEM,
				       "use a kernel of one of these, or see docs/adding-a-kernel.md",
				       "kernel %s is not supported: supported are "
				       SUPPORTED_SERIES, doctor->kernel);
	return doctor_ok(finding, "%s is of %s, which is supported",
			 doctor->kernel, doctor->series);
}

/**
 * doctor_check_source - the distribution's kernel source
 * @doctor: the kernel
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_source(struct doctor *doctor, struct finding *finding)
{
	const char *wanted = doctor->version, *series = doctor->series;
	char found[VERSION_SIZE], release[VERSION_SIZE], remedy[256];
	int headers, ret;
	bool kept;

	if (!series[0])
		return doctor_not_well(finding, VERDICT_NOT_APPLICABLE, NULL,
				       "not applicable: the series is not known");
	headers = find_headers(doctor, release);
	ret = find_source(doctor, wanted, series, found, &kept);
	if (ret)
		return doctor_cannot_read(doctor, finding, ret);
	if (kept)
		return doctor_ok(finding,
				 "%s, the kernel's own, kept from an earlier build",
				 found);
	snprintf(remedy, sizeof(remedy), "sudo apt install linux-source-%s",
		 series);
	if (!found[0])
		return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
				       "no source of kernel %s", wanted);
	if (headers <= 0)
		return doctor_not_well(finding, VERDICT_UNKNOWN,
				       "install the headers first: see there",
				       "%s, which cannot be compared without headers",
				       found);
	return compare_source(finding, wanted, series, found);
}

/**
 * doctor_check_dkms - the program that builds
 * @doctor: the system
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_dkms(struct doctor *doctor, struct finding *finding)
{
	char remedy[256];
	int fd;

	fd = system_find_program(&doctor->system, "dkms");
	if (fd < 0)
		return doctor_not_well(finding, VERDICT_PROBLEM,
				       "sudo apt install dkms",
				       "dkms is not installed");
	close(fd);
	if (doctor->dkms_version[0])
		return doctor_ok(finding, "knows " DKMS_NAME " %s",
				 doctor->dkms_version);
	if (doctor->dkms_ret) {
		snprintf(doctor->system.path, sizeof(doctor->system.path),
			 "/var/lib/dkms/" DKMS_NAME);
		return doctor_cannot_read(doctor, finding, doctor->dkms_ret);
	}
	snprintf(remedy, sizeof(remedy),
		 "sudo make install%s%s, in a clone of the project",
		 doctor->running ? "" : " KVER=",
		 doctor->running ? "" : doctor->kernel);
	return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
			       "installed, but does not know " DKMS_NAME);
}

/*
 * Measured with Debian's 6.1: a build takes 90 MiB of objects in the DKMS tree;
 * making its BTF takes the unpacked kernel of 63 MiB and two copies of the
 * module in /tmp; the tarball of the source package takes 132 MiB.
 */
static const struct {
	const char *folder;
	unsigned long long needed;	/* MiB */
} places[] = {
	{ "/var/lib/dkms", 200 },
	{ "/usr/src", 150 },
	{ "/tmp", 150 },
};

#define NR_PLACES	(sizeof(places) / sizeof(*places))

/* A folder that is not there yet will be made in the one above. */
static int measure(struct doctor *doctor, const char *folder,
		   unsigned long long *mebibytes)
{
	char path[PATH_MAX];
	struct statvfs status;
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s", folder);
	while ((fd = system_open(&doctor->system, O_PATH, "%s/", path)) < 0) {
		if (fd != -ENOENT || !path[0])
			return fd;
		*strrchr(path, '/') = 0;
	}
	if (fstatvfs(fd, &status))
		ret = -errno;
	else
		*mebibytes = (unsigned long long)status.f_bavail *
			     status.f_frsize >> 20;
	close(fd);
	return ret;
}

static int not_enough(struct finding *finding, size_t place,
		      unsigned long long mebibytes)
{
	char remedy[256];

	snprintf(remedy, sizeof(remedy),
		 "make room for %llu MiB where %s is; sudo apt clean is a beginning",
		 places[place].needed, places[place].folder);
	return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
			       "%s has %llu MiB free, and %llu are needed",
			       places[place].folder, mebibytes,
			       places[place].needed);
}

/**
 * doctor_check_space - whether there is room for a build
 * @doctor: the system
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_space(struct doctor *doctor, struct finding *finding)
{
	unsigned long long free[NR_PLACES];
	size_t i;
	int ret;

	for (i = 0; i < NR_PLACES; i++) {
		ret = measure(doctor, places[i].folder, &free[i]);
		if (ret)
			return doctor_cannot_read(doctor, finding, ret);
		if (free[i] < places[i].needed)
			return not_enough(finding, i, free[i]);
	}
	return doctor_ok(finding, "%s %llu MiB, %s %llu MiB, %s %llu MiB free",
			 places[0].folder, free[0], places[1].folder, free[1],
			 places[2].folder, free[2]);
}
