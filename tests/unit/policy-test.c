// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the policies' names, the window's text and the size of cache files: the
 * real src/policy.c and src/fit.h, in user space.
 *
 * A text that is refused must leave the value as it was: a half understood write to
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

#define for_each(entry, array) \
	for (entry = array; entry < (array) + COUNT(array); entry++)

/* The first of each name is what it stands for; the others are that with changes. */
static const struct policy {
	const char *name;
	enum twostage_policy_id id;
	struct twostage_policy policy;
} policies[] = {
	{ "serial", TWOSTAGE_POLICY_SERIAL, { .serial = true, .window = 1 } },
	{ "two_stage", TWOSTAGE_POLICY_TWO_STAGE, { .window = 0 } },
	{ "two_stage", TWOSTAGE_POLICY_TWO_STAGE, { .window = 1 } },
	{ "two_stage", TWOSTAGE_POLICY_TWO_STAGE, { .window = 2 } },
	{ "two_stage", TWOSTAGE_POLICY_TWO_STAGE, { .window = TWOSTAGE_WINDOW_MAX } },
	{ "early", TWOSTAGE_POLICY_EARLY, { .early = true } },
	{ "early", TWOSTAGE_POLICY_EARLY, { .early = true, .window = 1 } },
	{ "early", TWOSTAGE_POLICY_EARLY, { .early = true, .window = 8 } },
	{ "stock", TWOSTAGE_POLICY_STOCK, { .stock = true } },
	{ "stock", TWOSTAGE_POLICY_STOCK, { .stock = true, .window = 1 } },
	{ "stock", TWOSTAGE_POLICY_STOCK, { .stock = true, .early = true, .window = 8 } },
};

static const char * const no_policies[] = {
	"", "\n", " ", "serial ", " serial", "serial\n\n", "two stage",
	"two_stage2", "two_stag", "two-stage", "Early", "EARLY", "earl",
	"early stock", "early\nstock", "stock=1", "default", "0", "1",
	"serialserialserialserialserialserialserialserialserialserial",
};

static const struct window {
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

static const struct file {
	u64 entries, bitmaps, most, pages;
} files[] = {
	/* Never one page, which stock btrfs cannot read. */
	{ 0, 0, 64, 2 }, { 240, 0, 64, 2 },
	/* 480 entries fill two pages less a generation and two checksums. */
	{ 480, 0, 64, 2 }, { 481, 0, 64, 3 },
	{ 1, 1, 64, 2 }, { 32, 32, 64, 33 }, { 63, 63, 64, 64 },
	{ 64, 64, 64, 64 }, { 1000, 64, 64, 64 },
	{ 1000000, 0, 64, 64 }, { 0, 1000000, 64, 64 },
	/* There is no room for more checksums. */
	{ 1000000, 0, 2000, 2000 }, { ~0ULL, ~0ULL >> 1, 2000, 2000 },
};

static const struct twostage_policy before = { true, true, true, 77, false, 5, true };

static bool same(const struct twostage_policy *one, const struct twostage_policy *other)
{
	return one->stock == other->stock && one->serial == other->serial && one->early == other->early &&
	       one->window == other->window && one->fit == other->fit &&
	       one->settle == other->settle && one->read_ahead == other->read_ahead;
}

/* With this fit. The name must leave the others as they are. */
static bool parses(const char *text, struct twostage_policy expected, bool fit)
{
	struct twostage_policy policy = before;

	policy.fit = expected.fit = fit;
	expected.settle = policy.settle;
	expected.read_ahead = policy.read_ahead;
	return !twostage_policy_parse(text, &policy) && same(&policy, &expected);
}

static void test_names(void)
{
	const struct policy *entry;
	int names = 0;
	char line[32];

	for_each(entry, policies) {
		if (entry > policies && entry->id == entry[-1].id)
			continue;
		names++;
		snprintf(line, sizeof(line), "%s\n", entry->name);
		expect(parses(entry->name, entry->policy, false), entry->name);
		expect(parses(entry->name, entry->policy, true), "name with fit");
		expect(parses(line, entry->policy, false), line);
	}
	expect(names == TWOSTAGE_NR_POLICIES, "all policies");
}

static void test_names_of_policies(void)
{
	const struct policy *entry;

	for_each(entry, policies)
		expect(!strcmp(twostage_policy_name(&entry->policy), entry->name) &&
		       twostage_policy_id(&entry->policy) == entry->id, entry->name);
}

static void test_no_names(void)
{
	const char * const *text;

	for_each(text, no_policies) {
		struct twostage_policy policy = before;

		expect(twostage_policy_parse(*text, &policy) == -EINVAL &&
		       same(&policy, &before), *text);
	}
}

static void expect_window(const char *text, int result, unsigned int expected)
{
	unsigned int window = before.window;

	expect(twostage_window_parse(text, &window) == result && window == expected, text);
}

static void test_contradictions(void)
{
	static const unsigned int some[] = { 0, 1, 2, TWOSTAGE_WINDOW_MAX };
	const struct policy *entry;
	const unsigned int *window;
	bool takes;

	for_each(entry, policies)
		for_each(window, some) {
			takes = entry->id == TWOSTAGE_POLICY_SERIAL ? *window == 1 :
				entry->id != TWOSTAGE_POLICY_STOCK;
			expect(twostage_policy_takes_window(&entry->policy, *window) == takes,
			       entry->name);
		}
}

static void test_settle(void)
{
	unsigned int settle = before.settle;

	expect(!twostage_settle_parse("1000\n", &settle) && settle == 1000, "the most");
	expect(!twostage_settle_parse("0", &settle) && settle == 0, "none");
	expect(twostage_settle_parse("1001", &settle) == -EINVAL && settle == 0, "more");
}

static void test_windows(void)
{
	const struct window *entry;

	for_each(entry, windows)
		expect_window(entry->text, 0, entry->window);
}

static void test_no_windows(void)
{
	const char * const *text;

	for_each(text, no_windows)
		expect_window(*text, -EINVAL, before.window);
}

/* As stock btrfs fills it: no entry on two pages. */
static bool file_has_room(u64 entries, u64 bitmaps, u64 pages)
{
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

static void test_files(void)
{
	const struct file *entry;
	u64 entries, pages;
	char text[64];

	for_each(entry, files) {
		snprintf(text, sizeof(text), "%llu entries",
			 (unsigned long long)entry->entries);
		pages = twostage_pages_for(entry->entries, entry->bitmaps, entry->most);
		expect(pages == entry->pages, text);
	}
	for (entries = 0; entries < 20000; entries++) {
		pages = twostage_pages_for(entries, entries % 7, 1000);
		expect(file_has_room(entries, entries % 7, pages), "too few pages");
		expect(pages == TWOSTAGE_LEAST_PAGES ||
		       !file_has_room(entries, entries % 7, pages - 1), "too many pages");
	}
}

static const struct test {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "each name, with a newline or without, is its policy, and leaves fit as it is",
	  test_names },
	{ "a policy has the name that fits, with any window", test_names_of_policies },
	{ "any other name is refused and changes nothing", test_no_names },
	{ "serial takes the window 1, and stock none", test_contradictions },
	{ "settle is 0 to 1000", test_settle },
	{ "a window from 0 to 65536 is understood", test_windows },
	{ "any other window is refused and changes nothing", test_no_windows },
	{ "a file is as large as its entries and bitmaps need, and no larger", test_files },
};

int main(void)
{
	const struct test *test;

	tap_plan(COUNT(tests));
	for_each(test, tests) {
		test->run();
		tap_result(test->name);
	}
	return tap_exit_status();
}
