// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the policies' names and of the window's text, and of the size of
 * cache files: the real src/policy.c and src/fit.h, in user space.
 *
 * What is refused must leave the value as it was: a half understood write to
 * sysfs must not change how the next commit goes.
 *
 * test: limit=120
 */
#include <stdio.h>
#include <string.h>

#include <linux/errno.h>

#include "fit.h"
#include "policy.h"
#include "tap.h"

static const struct {
	const char *name;
	enum twostage_policy_id id;
	struct twostage_policy policy;
} policies[] = {
	{ "serial", TWOSTAGE_POLICY_SERIAL, { false, false, 1, false } },
	{ "two_stage", TWOSTAGE_POLICY_TWO_STAGE, { false, false, 0, false } },
	{ "early", TWOSTAGE_POLICY_EARLY, { false, true, 0, false } },
	{ "stock", TWOSTAGE_POLICY_STOCK, { true, false, 0, false } },
};

static const char * const no_policies[] = {
	"", "\n", " ", "serial ", " serial", "serial\n\n", "two stage",
	"two_stage2", "two_stag", "two-stage", "Early", "EARLY", "earl",
	"early stock", "early\nstock", "stock=1", "default", "0", "1",
	"serialserialserialserialserialserialserialserialserialserial",
};

static const struct {
	const char *text;
	unsigned int window;
} windows[] = {
	{ "0", 0 }, { "1", 1 }, { "8", 8 }, { "65535", 65535 },
	{ "65536", 65536 }, { "8\n", 8 }, { "007", 7 }, { "+8", 8 },
};

static const char * const no_windows[] = {
	"-1", "-0", "65537", "99999999999", "4294967296", "4294967295",
	"18446744073709551617", "", "\n", "1x", " 1", "1 ", "0x10", "++1",
	"+", "1\n\n", "1.5", "1e3", "all",
};

#define SIZE_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool same(const struct twostage_policy *one,
		 const struct twostage_policy *other)
{
	return one->stock == other->stock && one->early == other->early &&
	       one->window == other->window && one->fit == other->fit;
}

static bool says(bool ok, const char *text)
{
	if (!ok)
		printf("# it goes wrong for \"%s\"\n", text);
	return ok;
}

static bool names_parse(void)
{
	bool ok = SIZE_OF(policies) == TWOSTAGE_NR_POLICIES;
	size_t i;

	for (i = 0; i < SIZE_OF(policies); i++) {
		struct twostage_policy policy = { true, true, 77, false };

		ok &= says(!twostage_policy_parse(policies[i].name, &policy) &&
			   same(&policy, &policies[i].policy),
			   policies[i].name);
	}
	return ok;
}

static bool fit_is_no_policy(void)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < SIZE_OF(policies); i++) {
		struct twostage_policy policy = { .fit = true };

		ok &= says(!twostage_policy_parse(policies[i].name, &policy) &&
			   policy.fit, policies[i].name);
	}
	return ok;
}

static const struct {
	u64 entries;
	u64 bitmaps;
	u64 most;
	u64 pages;
} files[] = {
	/* Never one page: what reads it could not bear that. */
	{ 0, 0, 64, 2 }, { 240, 0, 64, 2 },
	/* Two pages less a generation and two checksums, and no more. */
	{ 480, 0, 64, 2 }, { 481, 0, 64, 3 },
	{ 1, 1, 64, 2 }, { 32, 32, 64, 33 }, { 63, 63, 64, 64 },
	{ 64, 64, 64, 64 }, { 1000, 64, 64, 64 },
	{ 1000000, 0, 64, 64 }, { 0, 1000000, 64, 64 },
	/* There is no room for more checksums. */
	{ 1000000, 0, 2000, 2000 }, { ~0ULL, ~0ULL >> 1, 2000, 2000 },
};

static bool file_has_room(u64 entries, u64 bitmaps, u64 pages)
{
	/* As the distribution fills it: no entry on two pages. */
	u64 left = PAGE_SIZE - sizeof(u64) - pages * sizeof(u32);
	u64 page = 1;

	for (; entries; entries--) {
		if (left < sizeof(struct btrfs_free_space_entry)) {
			page++;
			left = PAGE_SIZE;
		}
		left -= sizeof(struct btrfs_free_space_entry);
	}
	return page + bitmaps <= pages;
}

static bool files_have_room(void)
{
	bool ok = true;
	size_t i;
	u64 entries, pages;

	for (i = 0; i < SIZE_OF(files); i++) {
		char text[64];

		snprintf(text, sizeof(text), "%llu entries",
			 (unsigned long long)files[i].entries);
		ok &= says(twostage_pages_for(files[i].entries,
					      files[i].bitmaps,
					      files[i].most) == files[i].pages,
			   text);
	}
	for (entries = 0; entries < 20000; entries++) {
		pages = twostage_pages_for(entries, entries % 7, 1000);
		ok &= file_has_room(entries, entries % 7, pages) &&
		      (pages == TWOSTAGE_LEAST_PAGES ||
		       !file_has_room(entries, entries % 7, pages - 1));
	}
	return ok;
}

static bool newline_is_ignored(void)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < SIZE_OF(policies); i++) {
		struct twostage_policy policy = { true, true, 77, false };
		char text[32];

		snprintf(text, sizeof(text), "%s\n", policies[i].name);
		ok &= says(!twostage_policy_parse(text, &policy) &&
			   same(&policy, &policies[i].policy), text);
	}
	return ok;
}

static bool names_round_trip(void)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < SIZE_OF(policies); i++) {
		struct twostage_policy policy;
		const char *name = policies[i].name;

		ok &= says(!twostage_policy_parse(name, &policy) &&
			   !strcmp(twostage_policy_name(&policy), name) &&
			   twostage_policy_id(&policy) == policies[i].id, name);
	}
	return ok;
}

static bool other_names_are_refused(void)
{
	const struct twostage_policy before = { true, true, 77, false };
	bool ok = true;
	size_t i;

	for (i = 0; i < SIZE_OF(no_policies); i++) {
		struct twostage_policy policy = before;

		ok &= says(twostage_policy_parse(no_policies[i], &policy) ==
			   -EINVAL && same(&policy, &before), no_policies[i]);
	}
	return ok;
}

static bool windows_parse(void)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < SIZE_OF(windows); i++) {
		unsigned int window = 77;

		ok &= says(!twostage_window_parse(windows[i].text, &window) &&
			   window == windows[i].window, windows[i].text);
	}
	return ok;
}

static bool other_windows_are_refused(void)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < SIZE_OF(no_windows); i++) {
		unsigned int window = 77;

		ok &= says(twostage_window_parse(no_windows[i], &window) ==
			   -EINVAL && window == 77, no_windows[i]);
	}
	return ok;
}

static bool names_follow_the_window(void)
{
	static const struct {
		struct twostage_policy policy;
		const char *name;
	} changed[] = {
		{ { false, false, 1, false }, "serial" },
		{ { false, false, 0, false }, "two_stage" },
		{ { false, false, 2, false }, "two_stage" },
		{ { false, false, TWOSTAGE_WINDOW_MAX, false }, "two_stage" },
		{ { false, true, 1, false }, "early" },
		{ { false, true, 8, false }, "early" },
		{ { true, false, 1, false }, "stock" },
		{ { true, true, 8, false }, "stock" },
	};
	bool ok = true;
	size_t i;

	for (i = 0; i < SIZE_OF(changed); i++)
		ok &= says(!strcmp(twostage_policy_name(&changed[i].policy),
				   changed[i].name), changed[i].name);
	return ok;
}

static const struct {
	const char *name;
	bool (*holds)(void);
} tests[] = {
	{ "each policy's name means what the header says", names_parse },
	{ "a policy's name leaves the size of cache files as it is",
	  fit_is_no_policy },
	{ "a file is as large as its entries and bitmaps need, and no larger",
	  files_have_room },
	{ "a newline after a name is ignored", newline_is_ignored },
	{ "a policy's name leads back to it", names_round_trip },
	{ "any other name is refused and changes nothing",
	  other_names_are_refused },
	{ "a window from 0 to 65536 is understood", windows_parse },
	{ "any other window is refused and changes nothing",
	  other_windows_are_refused },
	{ "a policy whose window was changed has the name that fits",
	  names_follow_the_window },
};

int main(void)
{
	size_t i;

	tap_plan(SIZE_OF(tests));
	for (i = 0; i < SIZE_OF(tests); i++)
		tap_result(tests[i].holds(), tests[i].name);
	return tap_exit_status();
}
