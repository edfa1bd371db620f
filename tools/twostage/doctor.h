/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the checks of `twostage doctor` share.
 *
 * A check looks at one thing and leaves one finding. What holds of every
 * finding: it is one line; `ok` and `n/a` have no remedy, and the others have
 * one, which somebody can follow as it stands. What could not be read is
 * `unknown`, never `ok`. No remedy weakens the machine.
 */
#ifndef TWOSTAGE_DOCTOR_H
#define TWOSTAGE_DOCTOR_H

#include "system.h"

#define DKMS_NAME	"btrfs-twostage"
#define MODULE_NAME	"btrfs_twostage"

/* sscanf() is told of it in numbers. */
#define VERSION_SIZE	128

enum verdict {
	VERDICT_OK,
	VERDICT_WARNING,	/* it works, with less than there could be */
	VERDICT_PROBLEM,
	VERDICT_UNKNOWN,
	VERDICT_NOT_APPLICABLE,
	NR_VERDICTS
};

struct finding {
	const char *check;
	enum verdict verdict;
	char *text;
	char *remedy;		/* NULL for none */
};

/* The module file that is installed for the kernel. */
struct installed {
	int ret;		/* why it could not be read */
	bool found;
	bool legible;		/* it could be looked into: what follows is known */
	bool is_signed;
	bool has_btf;
	char path[PATH_MAX];
	char version[64];
	char srcversion[64];
	char kernel[128];	/* that it was built for */
	char source[128];	/* that it was built from */
};

struct doctor {
	struct system system;
	const char *root;	/* as it was named, for programs that are run */
	const char *kernel;	/* the one that is asked about */
	char version[VERSION_SIZE];	/* of the source that it was built from */
	char series[32];	/* of that; empty where it cannot be told */
	bool unsupported;	/* it can be told, and is none of ours */
	bool running;		/* it is the one that runs */
	bool loaded;		/* our module is */
	bool takeover;		/* under the name btrfs */
	int dkms_ret;		/* why it cannot be told what DKMS knows */
	char dkms_version[64];	/* of ours that DKMS knows; empty for none */
	struct installed installed;
};

struct check {
	const char *name;
	bool running_only;	/* says nothing about another kernel */
	bool supported_only;	/* only of use where a build is */
	int (*examine)(struct doctor *doctor, struct finding *finding);
};

struct doctor_options {
	const char *root;
	const char *kernel;	/* NULL for the running one */
	bool json;
};

/* Return of the checks: 0, or -ENOMEM, and then there is no finding. */
int doctor_check_kernel(struct doctor *doctor, struct finding *finding);
int doctor_check_headers(struct doctor *doctor, struct finding *finding);
int doctor_check_source(struct doctor *doctor, struct finding *finding);
int doctor_check_dkms(struct doctor *doctor, struct finding *finding);
int doctor_check_space(struct doctor *doctor, struct finding *finding);
int doctor_check_module(struct doctor *doctor, struct finding *finding);
int doctor_check_functions(struct doctor *doctor, struct finding *finding);
int doctor_check_secure_boot(struct doctor *doctor, struct finding *finding);
int doctor_check_lockdown(struct doctor *doctor, struct finding *finding);
int doctor_check_stock(struct doctor *doctor, struct finding *finding);
int doctor_check_loaded(struct doctor *doctor, struct finding *finding);
int doctor_check_filesystems(struct doctor *doctor, struct finding *finding);
int doctor_check_btf(struct doctor *doctor, struct finding *finding);
int doctor_check_bpftrace(struct doctor *doctor, struct finding *finding);

__attribute__((format(printf, 2, 3)))
int doctor_ok(struct finding *finding, const char *format, ...);
__attribute__((format(printf, 4, 5)))
int doctor_not_well(struct finding *finding, enum verdict verdict,
		    const char *remedy, const char *format, ...);
int doctor_cannot_read(struct doctor *doctor, struct finding *finding, int ret);

int doctor_package_version(struct doctor *doctor, const char *package,
			   char *version, size_t size);
void doctor_read_installed(struct doctor *doctor);
void doctor_remedy_rebuild(const struct doctor *doctor, char *remedy,
			   size_t size);

int doctor_print_text(const struct finding *findings, size_t count);
int doctor_print_json(const struct doctor *doctor,
		      const struct finding *findings, size_t count);
bool doctor_is_well(const struct finding *findings, size_t count);

int doctor_run(const struct doctor_options *options);

#endif
