// SPDX-License-Identifier: GPL-2.0
/*
 * Findings, and how they are shown: as text and as JSON, with the same words.
 *
 * What comes from the machine's files is not trusted: whatever is not printable
 * ASCII is shown as '?', so that no name can write to the terminal or spoil the
 * JSON.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "json.h"

static const struct {
	const char *name;
	const char *colour;
} verdicts[NR_VERDICTS] = {
	[VERDICT_OK]		 = { "ok",	"32" },
	[VERDICT_WARNING]	 = { "warning",	"33" },
	[VERDICT_PROBLEM]	 = { "problem",	"31" },
	[VERDICT_UNKNOWN]	 = { "unknown",	"35" },
	[VERDICT_NOT_APPLICABLE] = { "n/a",	"2" },
};

#define VERDICT_WIDTH	7

static char *clean(char *text)
{
	char *byte;

	for (byte = text; byte && *byte; byte++)
		if (*byte < ' ' || *byte > '~')
			*byte = '?';
	return text;
}

static int set_text(struct finding *finding, const char *format,
		    va_list arguments)
{
	if (vasprintf(&finding->text, format, arguments) < 0) {
		finding->text = NULL;
		return -ENOMEM;
	}
	clean(finding->text);
	return 0;
}

/**
 * doctor_ok - leave the finding that all is well
 * @finding: where
 * @format: what was found
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_ok(struct finding *finding, const char *format, ...)
{
	va_list arguments;
	int ret;

	finding->verdict = VERDICT_OK;
	va_start(arguments, format);
	ret = set_text(finding, format, arguments);
	va_end(arguments);
	return ret;
}

/**
 * doctor_not_well - leave another finding
 * @finding: where
 * @verdict: what it is
 * @remedy: what to do; NULL with VERDICT_NOT_APPLICABLE only
 * @format: what was found
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_not_well(struct finding *finding, enum verdict verdict,
		    const char *remedy, const char *format, ...)
{
	va_list arguments;
	int ret;

	finding->verdict = verdict;
	va_start(arguments, format);
	ret = set_text(finding, format, arguments);
	va_end(arguments);
	if (ret || !remedy)
		return ret;
	finding->remedy = clean(strdup(remedy));
	return finding->remedy ? 0 : -ENOMEM;
}

/**
 * doctor_cannot_read - leave the finding that a file could not be read
 * @doctor: its system's path is the file
 * @finding: where
 * @ret: the negative errno
 *
 * Return: 0 or -ENOMEM.
 */
int doctor_cannot_read(struct doctor *doctor, struct finding *finding, int ret)
{
	const char *path = doctor->system.path;
	char remedy[PATH_MAX + 64];

	if (ret == -ENOMEM)
		return ret;
	snprintf(remedy, sizeof(remedy), "see why %s cannot be read", path);
	if (ret == -EACCES || ret == -EPERM)
		snprintf(remedy, sizeof(remedy), "run it as root: sudo twostage doctor");
	return doctor_not_well(finding, VERDICT_UNKNOWN, remedy, "%s: %s", path,
			       strerror(-ret));
}

/**
 * doctor_is_well - whether there is nothing to do
 * @findings: all findings
 * @count: how many
 *
 * Return: true if every finding is ok or not applicable.
 */
bool doctor_is_well(const struct finding *findings, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (findings[i].verdict != VERDICT_OK &&
		    findings[i].verdict != VERDICT_NOT_APPLICABLE)
			return false;
	return true;
}

static int end_output(void)
{
	return fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

static bool wants_colour(void)
{
	const char *refused = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(refused && *refused) &&
	       !(terminal && !strcmp(terminal, "dumb"));
}

static int name_width(const struct finding *findings, size_t count)
{
	size_t i, width = 0;

	for (i = 0; i < count; i++)
		if (strlen(findings[i].check) > width)
			width = strlen(findings[i].check);
	return width;
}

static void print_verdict(enum verdict verdict, bool colour)
{
	const char *name = verdicts[verdict].name;

	if (colour)
		printf("\033[%sm%-*s\033[0m", verdicts[verdict].colour,
		       VERDICT_WIDTH, name);
	else
		printf("%-*s", VERDICT_WIDTH, name);
}

/**
 * doctor_print_text - print findings for people, a line each and their remedies
 * @findings: the findings
 * @count: how many
 *
 * Return: 0, or -EIO if it could not be written.
 */
int doctor_print_text(const struct finding *findings, size_t count)
{
	int width = name_width(findings, count);
	bool colour = wants_colour();
	size_t i;

	for (i = 0; i < count; i++) {
		print_verdict(findings[i].verdict, colour);
		printf("  %-*s  %s\n", width, findings[i].check,
		       findings[i].text);
		if (findings[i].remedy)
			printf("%*s→ %s\n", VERDICT_WIDTH + 2, "",
			       findings[i].remedy);
	}
	return end_output();
}

static int add_finding(struct json_object *list, const struct finding *finding)
{
	struct json_object *object = json_object_new_object();
	int ret;

	if (!object)
		return -ENOMEM;
	ret = json_add_text(object, "name", finding->check);
	if (!ret)
		ret = json_add_text(object, "verdict",
				    verdicts[finding->verdict].name);
	if (!ret)
		ret = json_add_text(object, "finding", finding->text);
	if (!ret)
		ret = json_add_text(object, "remedy", finding->remedy);
	if (!ret && !json_object_array_add(list, object))
		return 0;
	json_object_put(object);
	return -ENOMEM;
}

static int add_findings(struct json_object *object,
			const struct finding *findings, size_t count)
{
	struct json_object *list = json_object_new_array();
	size_t i;
	int ret;

	ret = json_add(object, "checks", list);
	for (i = 0; i < count && !ret; i++)
		ret = add_finding(list, &findings[i]);
	return ret;
}

/**
 * doctor_print_json - print findings for programs
 * @doctor: whose kernel they are about
 * @findings: the findings
 * @count: how many
 *
 * Return: 0, -ENOMEM, or -EIO if it could not be written.
 */
int doctor_print_json(const struct doctor *doctor,
		      const struct finding *findings, size_t count)
{
	struct json_object *object = json_object_new_object();
	bool well = doctor_is_well(findings, count);
	int ret;

	if (!object)
		return -ENOMEM;
	ret = json_add_text(object, "kernel", doctor->kernel);
	if (!ret)
		ret = json_add(object, "well", json_object_new_boolean(well));
	if (!ret)
		ret = add_findings(object, findings, count);
	if (!ret)
		ret = json_print_pretty(stdout, object);
	if (!ret)
		ret = end_output();
	json_object_put(object);
	return ret;
}
