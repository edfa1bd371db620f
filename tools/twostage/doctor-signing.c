// SPDX-License-Identifier: GPL-2.0
/*
 * Secure Boot and lockdown: whether the kernel takes the module.
 *
 * The remedy is always to sign and to enrol the key, never to switch off what
 * protects the machine.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

static const char efivars[] = "/sys/firmware/efi/efivars";

/* Its last byte is the state; four bytes of attributes come before. */
static const char secure_boot_variable[] =
	"SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
#define VARIABLE_SIZE	5

enum enrolment {
	KEY_ENROLLED,
	KEY_WAITING,		/* for the reboot */
	KEY_NOT_ENROLLED,
	KEY_BLOCKED,
};

/* Sets @path to mok_certificate="..." of a file of settings, if it is there. */
static int read_setting(struct doctor *doctor, const char *settings,
			 char *path, size_t size)
{
	static const char name[] = "mok_certificate=";
	struct system_file file;
	char *line, *next;
	int ret;

	ret = system_read(&doctor->system, &file, "%s", settings);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	for (line = file.bytes; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		line += strspn(line, " \t");
		if (strncmp(line, name, sizeof(name) - 1))
			continue;
		line += sizeof(name) - 1;
		line += strspn(line, "\"'");
		snprintf(path, size, "%.*s", (int)strcspn(line, "\"' \t"),
			 line);
	}
	free(file.bytes);
	return 0;
}

/*
 * The certificate that DKMS signs with; Ubuntu has one for all of them.
 *
 * Return: 1 if it is there, 0, or a negative errno.
 */
static int find_certificate(struct doctor *doctor, char *path, size_t size)
{
	static const char *const usual[] = {
		"/var/lib/shim-signed/mok/MOK.der", "/var/lib/dkms/mok.pub",
	};
	size_t i;
	int ret = 0;

	path[0] = 0;
	ret = read_setting(doctor, "/etc/dkms/framework.conf", path, size);
	if (ret)
		return ret;
	if (path[0] == '/')
		return system_exists(&doctor->system, "%s", path);
	for (i = 0; i < sizeof(usual) / sizeof(*usual) && !ret; i++) {
		snprintf(path, size, "%s", usual[i]);
		ret = system_exists(&doctor->system, "%s", path);
	}
	return ret;
}

/* Return: what mokutil says of a certificate, or a negative errno. */
static int ask_mokutil(struct doctor *doctor, const char *certificate)
{
	static const struct {
		const char *text;
		enum enrolment enrolment;
	} answers[] = {
		{ "is not enrolled", KEY_NOT_ENROLLED },
		{ "enrollment request", KEY_WAITING },
		{ "is blocked", KEY_BLOCKED },
		{ "is already", KEY_ENROLLED },
	};
	const char *arguments[] = { "mokutil", "--test-key", NULL, NULL };
	struct system_file output;
	char path[2 * PATH_MAX];
	size_t i;
	int ret;

	snprintf(path, sizeof(path), "%s%s", doctor->root, certificate);
	arguments[2] = path;
	ret = system_run(&doctor->system, arguments, &output);
	if (ret)
		return ret;
	ret = -EPROTO;
	for (i = 0; i < sizeof(answers) / sizeof(*answers) && ret < 0; i++)
		if (strstr(output.bytes, answers[i].text))
			ret = answers[i].enrolment;
	free(output.bytes);
	return ret;
}

static int without_answer(struct finding *finding, const char *certificate,
			  int ret)
{
	char remedy[PATH_MAX + 64];

	if (ret == -ENOENT)
		return doctor_not_well(finding, VERDICT_UNKNOWN,
				       "sudo apt install mokutil, and ask again",
				       "on; whether %s is enrolled is not known without mokutil",
				       certificate);
	snprintf(remedy, sizeof(remedy), "see what sudo mokutil --test-key %s says",
		 certificate);
	return doctor_not_well(finding, VERDICT_UNKNOWN, remedy,
			       "on; mokutil does not say whether %s is enrolled",
			       certificate);
}

static int without_key(struct doctor *doctor, struct finding *finding)
{
	char rebuild[384], remedy[512];

	doctor_remedy_rebuild(doctor, rebuild, sizeof(rebuild));
	snprintf(remedy, sizeof(remedy),
		 "sudo apt install openssl mokutil, %s, and ask again: the build makes a key",
		 rebuild);
	return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
			       "on, and DKMS has no key to sign with yet");
}

static int judge_enrolled(struct doctor *doctor, struct finding *finding,
			  const char *certificate)
{
	const struct installed *installed = &doctor->installed;
	char remedy[512];

	if (!installed->found)
		return doctor_ok(finding,
				 "on, %s is enrolled: what DKMS builds will load",
				 certificate);
	doctor_remedy_rebuild(doctor, remedy, sizeof(remedy));
	if (!installed->legible)
		return doctor_ok(finding,
				 "on, %s is enrolled; the module is compressed, its signature was not looked at",
				 certificate);
	if (!installed->is_signed)
		return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
				       "on, %s is enrolled, but the module is not signed",
				       certificate);
	return doctor_ok(finding, "on, %s is enrolled and the module is signed",
			 certificate);
}

static int judge_key(struct doctor *doctor, struct finding *finding,
		     const char *certificate, enum enrolment enrolment)
{
	char remedy[PATH_MAX + 128];

	switch (enrolment) {
	case KEY_ENROLLED:
		return judge_enrolled(doctor, finding, certificate);
	case KEY_WAITING:
		return doctor_not_well(finding, VERDICT_PROBLEM,
				       "reboot, choose \"Enroll MOK\" and confirm with the password that you gave",
				       "on, %s waits to be enrolled",
				       certificate);
	case KEY_BLOCKED:
		return doctor_not_well(finding, VERDICT_PROBLEM,
				       "let DKMS make another key: move /var/lib/dkms/mok.* away and build again",
				       "on, the firmware blocks %s",
				       certificate);
	default:
		snprintf(remedy, sizeof(remedy),
			 "sudo mokutil --import %s, reboot, choose \"Enroll MOK\" and confirm",
			 certificate);
		return doctor_not_well(finding, VERDICT_PROBLEM, remedy,
				       "on, %s is not enrolled", certificate);
	}
}

/* Return: 1 if Secure Boot is on, 0, or a negative errno; @why_off says more. */
static int read_secure_boot(struct doctor *doctor, const char **why_off)
{
	struct system_file file;
	char **names;
	int ret;

	*why_off = "off";
	ret = system_exists(&doctor->system, "/sys/firmware/efi");
	if (ret <= 0) {
		*why_off = "off: this machine was not started by UEFI";
		return ret;
	}
	ret = system_read(&doctor->system, &file, "%s/%s", efivars,
			  secure_boot_variable);
	if (!ret) {
		ret = file.size == VARIABLE_SIZE ?
		      file.bytes[VARIABLE_SIZE - 1] == 1 : -EPROTO;
		free(file.bytes);
		return ret;
	}
	if (ret != -ENOENT)
		return ret;
	/* No variable in a folder that has others: there is no Secure Boot. */
	ret = system_list(&doctor->system, &names, "%s", efivars);
	if (ret)
		return ret == -ENOENT ? -ENODEV : ret;
	ret = names[0] ? 0 : -ENODEV;
	system_free_list(names);
	return ret;
}

/**
 * doctor_check_secure_boot - whether the firmware wants signed modules
 * @doctor: the system
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_secure_boot(struct doctor *doctor, struct finding *finding)
{
	char certificate[PATH_MAX];
	const char *why_off;
	int ret;

	/* Firmware is below /sys; a root without it says nothing of it. */
	ret = system_exists(&doctor->system, "/sys/kernel");
	if (!ret)
		return doctor_not_well(finding, VERDICT_NOT_APPLICABLE, NULL,
				       "not applicable: nothing is mounted at /sys");
	ret = read_secure_boot(doctor, &why_off);
	if (ret == -ENODEV)
		return doctor_not_well(finding, VERDICT_UNKNOWN,
				       "sudo mount -t efivarfs efivarfs /sys/firmware/efi/efivars",
				       "%s holds no variables", efivars);
	if (ret < 0)
		return doctor_cannot_read(doctor, finding, ret);
	if (!ret)
		return doctor_ok(finding, "%s", why_off);
	ret = find_certificate(doctor, certificate, sizeof(certificate));
	if (ret < 0)
		return doctor_cannot_read(doctor, finding, ret);
	if (!ret)
		return without_key(doctor, finding);
	ret = ask_mokutil(doctor, certificate);
	if (ret < 0)
		return ret == -ENOMEM ? ret :
		       without_answer(finding, certificate, ret);
	return judge_key(doctor, finding, certificate, ret);
}

/* Sets @mode to the word in brackets of "none [integrity] confidentiality". */
static int read_lockdown(struct doctor *doctor, char *mode, size_t size)
{
	char line[256], *start;
	int ret;

	ret = system_read_line(&doctor->system, line, sizeof(line),
			       "/sys/kernel/security/lockdown");
	if (ret)
		return ret;
	start = strchr(line, '[');
	if (!start || !strchr(start, ']'))
		return -EPROTO;
	snprintf(mode, size, "%.*s", (int)strcspn(start + 1, "]"), start + 1);
	return 0;
}

/* Return: 1 or 0, or a negative errno. */
static int signatures_enforced(struct doctor *doctor)
{
	char enforced[8];
	int ret;

	ret = system_read_line(&doctor->system, enforced, sizeof(enforced),
			       "/sys/module/module/parameters/sig_enforce");
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	return enforced[0] == 'Y';
}

static int without_lockdown_file(struct doctor *doctor, struct finding *finding)
{
	char **names;
	bool empty;
	int ret;

	ret = system_list(&doctor->system, &names, "/sys/kernel/security");
	if (ret && ret != -ENOENT)
		return doctor_cannot_read(doctor, finding, ret);
	empty = ret || !names[0];
	system_free_list(names);
	if (empty)
		return doctor_not_well(finding, VERDICT_UNKNOWN,
				       "sudo mount -t securityfs securityfs /sys/kernel/security",
				       "nothing is mounted at /sys/kernel/security");
	return doctor_ok(finding, "none: this kernel has no lockdown");
}

static int judge_lockdown(struct doctor *doctor, struct finding *finding,
			  const char *mode)
{
	const struct installed *installed = &doctor->installed;

	if (doctor->loaded || !installed->found || installed->is_signed)
		return doctor_ok(finding, "%s: modules must be signed%s", mode,
				 doctor->loaded ? ", and ours is loaded" :
				 installed->found ? ", and ours is" : "");
	if (!installed->legible)
		return doctor_ok(finding,
				 "%s: modules must be signed; ours is compressed, its signature was not looked at",
				 mode);
	return doctor_not_well(finding, VERDICT_PROBLEM,
			       "sign it: build it again with openssl installed, and enrol the key: sudo mokutil --import /var/lib/dkms/mok.pub, reboot, and confirm",
			       "%s: modules must be signed, and ours is not",
			       mode);
}

/**
 * doctor_check_lockdown - whether the running kernel wants signed modules
 * @doctor: the kernel, which is running
 * @finding: where the finding goes
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_check_lockdown(struct doctor *doctor, struct finding *finding)
{
	char mode[64] = "none";
	int enforced, ret;

	ret = read_lockdown(doctor, mode, sizeof(mode));
	if (ret && ret != -ENOENT)
		return doctor_cannot_read(doctor, finding, ret);
	enforced = signatures_enforced(doctor);
	if (enforced < 0)
		return doctor_cannot_read(doctor, finding, enforced);
	if (enforced && !strcmp(mode, "none"))
		return judge_lockdown(doctor, finding, "module.sig_enforce=1");
	if (ret)
		return without_lockdown_file(doctor, finding);
	if (!strcmp(mode, "none"))
		return doctor_ok(finding, "none");
	ret = judge_lockdown(doctor, finding, mode);
	if (ret || finding->verdict != VERDICT_OK ||
	    strcmp(mode, "confidentiality"))
		return ret;
	free(finding->text);
	return doctor_not_well(finding, VERDICT_WARNING,
			       "read the counters below /sys/fs/btrfs_twostage/<fsid>/writeout/ instead",
			       "confidentiality: bpftrace cannot read the kernel's memory");
}
