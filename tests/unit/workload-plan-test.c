// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what the workload decides without a kernel: which file lies in
 * which block group, which ones are truncated, which pieces of the comb leave
 * fragments, what a sample and its percentiles say.
 *
 * Each test is named for what must hold; most are lines of a table. The
 * property tests make filesystems at random, the same each time, and compare
 * with the slow and obvious way. Output is TAP; the exit status is 1 if any
 * test failed.
 *
 * test: limit=120
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs_tree.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "workload.h"

#define GIB	(1ULL << 30)
#define MIB	(1ULL << 20)
#define KIB	(1ULL << 10)
#define PIECE	WORKLOAD_PIECE
#define ROUNDS	300
#define DATA	BTRFS_BLOCK_GROUP_DATA

/* What a test works on; empty again after each. */
static struct workload_plan plan;
static struct workload_comb comb;
static size_t *selected;

#define TEXT(number)		#number
#define PLACE(file, line)	file ":" TEXT(line) ": "
#define CHECK(condition)	expect(condition, PLACE(__FILE__, __LINE__) #condition)

static void reset(void)
{
	workload_comb_free(&comb);
	workload_plan_free(&plan);
	free(selected);
	selected = NULL;
}

static void tell(const char *name)
{
	reset();
	tap_result(name);
}

/* The next number below @bound of a sequence that is the same each time. */
static uint64_t random_below(uint64_t *state, uint64_t bound)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*state >> 16) % bound;
}

static void add_file(uint64_t number, uint64_t start, uint64_t length)
{
	struct workload_file *file;

	file = workload_plan_add_file(&plan, number, number + 257);
	file->size = length;
	if (length)
		CHECK(!workload_file_add_extent(file, start, length));
}

/* Data block groups at 1 GiB, 2 GiB ..., @files in each, in order. */
static void make_plan(size_t groups, size_t files)
{
	uint64_t size = workload_file_size(GIB, files, 0);
	size_t i;

	for (i = 1; i <= groups; i++)
		CHECK(!workload_plan_add_group(&plan, i * GIB, GIB, DATA));
	for (i = 0; i < groups * files; i++)
		add_file(i, (i / files + 1) * GIB + i % files * size, size);
	CHECK(!workload_plan_map(&plan));
}

/* Selects, and checks that the rules are kept. */
static void select_files(size_t count)
{
	size_t full = workload_plan_count_full(&plan, 1);
	size_t available, i;

	free(selected);
	CHECK(workload_plan_select(&plan, count, &selected, &available) ==
	      (count <= full ? 0 : -ENODATA));
	CHECK(available == full);
	for (i = 0; i < count && count <= full; i++) {
		const struct workload_file *file = &plan.files[selected[i]];

		CHECK(file->size && file->group && workload_group_counts(file->group));
		/* By their starts, so none comes twice. */
		CHECK(!i || file->group > plan.files[selected[i - 1]].group);
	}
}

#define NOWHERE	(-1)

/* A home is the index of a block group. */
static const struct layout {
	const char *name;
	struct {
		uint64_t start, length, flags;
	} groups[5];
	struct {
		uint64_t number, start, length;
		int home;
		uint64_t elsewhere;	/* where a second extent starts */
	} files[5];
	size_t num_files, available;
	uint64_t chosen;	/* the number of the first file */
} layouts[] = {
	{ "a file that straddles two block groups is never chosen",
	  { { GIB, GIB, DATA }, { 2 * GIB, GIB, DATA } },
	  { { 0, 2 * GIB - 4 * KIB, 4 * KIB + 1, NOWHERE } }, 1, 0 },
	{ "a file with extents in two block groups belongs to none",
	  { { GIB, GIB, DATA }, { 2 * GIB, GIB, DATA } },
	  { { 0, GIB, MIB, 0 }, { 1, 2 * GIB, MIB, NOWHERE, GIB } }, 2, 1 },
	{ "a file may touch both ends of its block group, not cross them",
	  { { GIB, GIB, DATA }, { 3 * GIB, GIB, DATA } },
	  { { 0, GIB, GIB, 0 },
	    { 1, 2 * GIB, 4 * KIB, NOWHERE },
	    { 2, GIB - 4 * KIB, 4 * KIB, NOWHERE },
	    { 3, 4 * GIB - 4 * KIB, 4 * KIB, 1 },
	    { 4, 4 * GIB, 4 * KIB, NOWHERE } }, 5, 2 },
	{ "an empty file is never chosen",
	  { { GIB, GIB, DATA } },
	  { { 0, 0, 0, NOWHERE }, { 1, GIB, MIB, 0 } }, 2, 1, .chosen = 1 },
	{ "only data block groups long enough for a cache count",
	  { { MIB, 8 * MIB, DATA },
	    { GIB, GIB, BTRFS_BLOCK_GROUP_METADATA },
	    { 2 * GIB, GIB, BTRFS_BLOCK_GROUP_SYSTEM },
	    { 3 * GIB, WORKLOAD_CACHED_LENGTH - 1, DATA },
	    { 4 * GIB, WORKLOAD_CACHED_LENGTH, DATA | BTRFS_BLOCK_GROUP_RAID1 } },
	  { { 0, MIB, 4 * KIB, 0 }, { 1, GIB, 4 * KIB, 1 },
	    { 2, 2 * GIB, 4 * KIB, 2 }, { 3, 3 * GIB, 4 * KIB, 3 },
	    { 4, 4 * GIB, 4 * KIB, 4 } }, 5, 1, .chosen = 4 },
	{ "the first file is that with the least number, whatever its inode",
	  { { GIB, GIB, DATA } },
	  { { 9, GIB, 4 * KIB, 0 }, { 4, GIB + 4 * KIB, 4 * KIB, 0 } },
	  2, 1, .chosen = 4 },
	{ "a filesystem without block groups is no trouble" },
};

static void check_layout(const struct layout *layout)
{
	uint64_t inside[COUNT(layout->groups)] = { 0 };
	size_t i, j;

	for (i = 0; i < COUNT(layout->groups) && layout->groups[i].length; i++)
		CHECK(!workload_plan_add_group(&plan, layout->groups[i].start,
					       layout->groups[i].length,
					       layout->groups[i].flags));
	for (i = 0; i < layout->num_files; i++) {
		add_file(layout->files[i].number, layout->files[i].start,
			 layout->files[i].length);
		if (layout->files[i].elsewhere)
			CHECK(!workload_file_add_extent(
				&plan.files[i], layout->files[i].elsewhere, 4 * KIB));
	}
	CHECK(!workload_plan_map(&plan));
	for (i = 0; i < layout->num_files; i++) {
		int home = layout->files[i].home;

		for (j = 0; plan.files[j].number != layout->files[i].number; j++)
			;
		CHECK(plan.files[j].group ==
		      (home == NOWHERE ? NULL : &plan.groups[home]));
		if (home != NOWHERE)
			inside[home]++;
	}
	for (i = 0; i < plan.num_groups; i++)
		CHECK(plan.groups[i].files == inside[i]);
	CHECK(workload_plan_count_full(&plan, 1) == layout->available);
	select_files(layout->available + 1);
	select_files(layout->available);
	if (layout->available)
		CHECK(plan.files[selected[0]].number == layout->chosen);
	CHECK(!workload_plan_find(&plan, 0));
}

static void test_totals(void)
{
	static const uint64_t flags[] = {
		DATA, BTRFS_BLOCK_GROUP_METADATA, BTRFS_BLOCK_GROUP_SYSTEM,
		DATA, DATA | BTRFS_BLOCK_GROUP_RAID1,
	};
	size_t i;

	for (i = 0; i < COUNT(flags); i++)
		CHECK(!workload_plan_add_group(&plan, (i + 1) * GIB,
					       flags[i] & DATA ? i + MIB : GIB,
					       flags[i]));
	for (i = 0; i < 4; i++)
		add_file(i, GIB, i % 3 * KIB);
	CHECK(!workload_plan_map(&plan));
	CHECK(workload_plan_count_data(&plan) == 3);
	CHECK(workload_plan_longest(&plan) == 4 + MIB);
	CHECK(workload_plan_files_left(&plan) == 2);
}

static void test_in_order(void)
{
	size_t i;

	make_plan(8, 3);
	select_files(5);
	for (i = 0; i < 5; i++)
		CHECK(plan.files[selected[i]].number == 3 * i);
}

/* A filesystem at random: holes, all types, files anywhere. */
static void make_random_plan(uint64_t *state)
{
	static const uint64_t flags[] = {
		DATA, DATA, BTRFS_BLOCK_GROUP_METADATA, BTRFS_BLOCK_GROUP_SYSTEM,
	};
	uint64_t start = random_below(state, GIB);
	uint64_t files = random_below(state, 200);
	uint64_t i, groups = random_below(state, 30);

	for (i = 0; i < groups; i++) {
		uint64_t length = 1 + random_below(state, GIB);

		CHECK(!workload_plan_add_group(&plan, start, length,
					       flags[random_below(state, 4)]));
		start += length;
		if (random_below(state, 2))
			start += random_below(state, GIB);
	}
	for (i = 0; i < files; i++) {
		uint64_t extents = random_below(state, 4);
		uint64_t at = random_below(state, start + 1);
		struct workload_file *file;

		file = workload_plan_add_file(&plan, files - i, i);
		file->size = random_below(state, 5);
		for (; extents; extents--)
			CHECK(!workload_file_add_extent(
				file, at + random_below(state, GIB / 8),
				1 + random_below(state, GIB / 8)));
	}
	CHECK(!workload_plan_map(&plan));
}

/* The obvious way: is the whole of the file inside this one? */
static bool lies_inside(const struct workload_block_group *group,
			const struct workload_file *file)
{
	return file->size && file->bytes && file->low >= group->start &&
	       file->high <= group->start + group->length;
}

static void test_property_plan(void)
{
	uint64_t state = 20150406;
	size_t i, j, round;

	for (round = 0; round < ROUNDS; round++) {
		make_random_plan(&state);
		for (i = 0; i < plan.num_groups; i++) {
			uint64_t files = 0;

			for (j = 0; j < plan.num_files; j++) {
				bool is_inside = lies_inside(&plan.groups[i], &plan.files[j]);

				files += is_inside;
				CHECK(is_inside == (plan.files[j].group == &plan.groups[i]));
			}
			CHECK(plan.groups[i].files == files);
		}
		for (i = 0; i < 12; i++)
			select_files(i);
		reset();
	}
}

static void test_used_up(void)
{
	size_t files, round, i;

	for (files = 1; files <= 6; files++) {
		make_plan(9, files);
		for (round = 0; round < files; round++) {
			select_files(9);
			for (i = 0; i < 9; i++)
				plan.files[selected[i]].size = 0;
			CHECK(!workload_plan_map(&plan));
		}
		CHECK(workload_plan_files_left(&plan) == 0);
		select_files(1);
		reset();
	}
}

static void test_refused(void)
{
	struct workload_file *file;

	CHECK(!workload_plan_add_group(&plan, GIB, GIB, DATA));
	CHECK(workload_plan_add_group(&plan, 2 * GIB - 1, 1, 0) == -EINVAL);
	CHECK(workload_plan_add_group(&plan, 2 * GIB, 0, 0) == -EINVAL);
	CHECK(workload_plan_add_group(&plan, UINT64_MAX - 1, 3, 0) == -EINVAL);
	CHECK(plan.num_groups == 1);
	file = workload_plan_add_file(&plan, 2, 0);
	CHECK(workload_file_add_extent(file, 5, 0) == -EINVAL);
	CHECK(workload_file_add_extent(file, UINT64_MAX, 2) == -EINVAL);
	CHECK(file->bytes == 0 && file->high == 0);
	add_file(1, GIB, 4 * KIB);
	add_file(2, GIB + 4 * KIB, 4 * KIB);
	CHECK(workload_plan_map(&plan) == -EEXIST);
}

static void test_drop(void)
{
	make_plan(2, 3);
	workload_plan_drop_files_from(&plan, 257 + 4);
	CHECK(plan.num_files == 4);
	CHECK(plan.files[3].number == 3);
	CHECK(!workload_plan_map(&plan));
	CHECK(workload_plan_count_full(&plan, 3) == 1);
	CHECK(plan.groups[1].files == 1);
	workload_plan_drop_files_from(&plan, 0);
	CHECK(plan.num_files == 0);
}

static void test_sizes(void)
{
	uint64_t files;

	CHECK(workload_file_size(GIB, 60, 0) == 16 * MIB);
	CHECK(workload_file_size(GIB, 8, 0) == 120 * MIB);
	CHECK(workload_file_size(100 * MIB, 4096, 0) == 0);
	CHECK(workload_file_size(GIB, 60, 60 * MIB) == 15 * MIB);
	CHECK(workload_file_size(GIB, 1, 960 * MIB) == 0);
	CHECK(workload_file_size(GIB, 1, 2 * GIB) == 0);
	CHECK(workload_piece_size(0) == 0);
	CHECK(workload_piece_size(16 * MIB) == 16 * MIB);
	CHECK(workload_piece_size(160 * MIB) == 80 * MIB);
	for (files = 1; files <= 1024; files++) {
		uint64_t size = workload_file_size(GIB, files, 0);
		uint64_t piece = workload_piece_size(size);
		uint64_t last = size % piece ? size % piece : piece;

		CHECK(size && size % WORKLOAD_GRANULE == 0);
		CHECK(size * files <= GIB - GIB / 16);
		CHECK(piece && piece <= WORKLOAD_EXTENT_MAX);
		/* It must not fit into the sixteenth that stays free. */
		CHECK(piece == size || last > GIB / 16);
	}
}

static void check_json(struct json_object *value, const char *expected)
{
	CHECK(!strcmp(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN),
		      expected));
	json_object_put(value);
}

static void test_json(void)
{
	struct json_object *object = json_object_new_object();
	struct json_object *list = json_object_new_array();
	int saved = dup(STDOUT_FILENO);
	int full = open("/dev/full", O_WRONLY);

	workload_json_add_number(object, "most", UINT64_MAX);
	workload_json_add(object, "list", list);
	workload_json_add_number(list, NULL, 0);
	workload_json_add(list, NULL, json_object_new_string("a\"b"));
	check_json(json_object_get(object),
		   "{\"most\":18446744073709551615,\"list\":[0,\"a\\\"b\"]}");
	fflush(stdout);
	/* As it is for a file. */
	setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	dup2(full, STDOUT_FILENO);
	CHECK(workload_json_print(object) == -EIO);
	__fpurge(stdout);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(full);
}

#define COUNTED(name)	[TWOSTAGE_TOTAL_##name]

static void test_sample(void)
{
	static const uint64_t after[TWOSTAGE_NR_TOTALS] = {
		COUNTED(num_started) = 164, COUNTED(num_waited) = 153,
		COUNTED(num_discarded) = 11, COUNTED(setup_ns) = 1001,
		COUNTED(early_ns) = 2020, COUNTED(commit_ns) = 3300,
		COUNTED(critical_ns) = 8000, COUNTED(wait_ns) = 5005,
		COUNTED(bytes_started) = 3 << 20, COUNTED(commits) = 9,
	};
	struct workload_sample sample = {
		.before = {
			COUNTED(num_started) = 100, COUNTED(num_waited) = 90,
			COUNTED(num_discarded) = 10, COUNTED(setup_ns) = 1000,
			COUNTED(early_ns) = 2000, COUNTED(commit_ns) = 3000,
			COUNTED(critical_ns) = 4000, COUNTED(wait_ns) = 5000,
			COUNTED(bytes_started) = 1 << 20, COUNTED(commits) = 7,
		},
		.transid = 42, .peak_in_flight = 33, .sync_ns = 99999,
		.dirtied = 60, .window = 8, .policy = "two_stage",
	};
	const char *backwards;

	CHECK(!workload_sample_count(&sample, after));
	check_json(workload_sample_json(&sample),
		   "{\"policy\":\"two_stage\",\"window\":8,\"transid\":42,\"dirtied\":60,"
		   "\"num_started\":64,\"num_waited\":63,\"num_discarded\":1,"
		   "\"setup_ns\":1,\"early_ns\":20,\"commit_ns\":300,"
		   "\"critical_ns\":4000,\"wait_ns\":5,\"bytes\":2097152,\"commits\":2,"
		   "\"peak_in_flight\":33,\"passes_ns\":320,\"writeout_ns\":321,"
		   "\"sync_ns\":99999}");
	sample.before[TWOSTAGE_TOTAL_num_waited] = 154;
	backwards = workload_sample_count(&sample, after);
	CHECK(backwards && !strcmp(backwards, "writeout/num_waited"));
}

static void test_sync(void)
{
	struct workload_sample sample = { .sync_ns = 7, .policy = "stock" };

	check_json(workload_sample_json(&sample),
		   "{\"policy\":\"stock\",\"window\":0,\"transid\":0,"
		   "\"num_started\":0,\"num_waited\":0,\"num_discarded\":0,"
		   "\"setup_ns\":0,\"early_ns\":0,\"commit_ns\":0,"
		   "\"critical_ns\":0,\"wait_ns\":0,\"bytes\":0,\"commits\":0,"
		   "\"peak_in_flight\":0,\"passes_ns\":0,\"writeout_ns\":0,"
		   "\"sync_ns\":7}");
	sample.policy[0] = 0;
	check_json(workload_sample_json(&sample), "{\"sync_ns\":7}");
}

static void test_fault(void)
{
	static const struct {
		uint64_t dirtied, started, waited, discarded;
		const char *fault;
	} cases[] = {
		{ 64, 64, 60, 4 },
		{ 10, 64, 60, 4 },
		{ 65, 64, 60, 4, "wrote fewer" },
		{ 10, 64, 61, 4, "started and lost" },
		{ 10, 64, 59, 4, "started and lost" },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct workload_sample sample = {
			.dirtied = cases[i].dirtied,
			.counted = {
				COUNTED(num_started) = cases[i].started,
				COUNTED(num_waited) = cases[i].waited,
				COUNTED(num_discarded) = cases[i].discarded,
			},
		};
		const char *fault = workload_sample_fault(&sample);

		CHECK(!fault == !cases[i].fault);
		CHECK(!fault || strstr(fault, cases[i].fault));
	}
}

static void test_percentile(void)
{
	static const struct {
		unsigned int percent;
		uint64_t of_none, of_one, of_hundred, of_one_more;
	} cases[] = {
		{ 1, 0, 5, 1, 2 }, { 50, 0, 5, 50, 51 },
		/* The 101st takes the rank up: 99.99 is the 100th. */
		{ 99, 0, 5, 99, 100 }, { 100, 0, 5, 100, UINT64_MAX },
	};
	struct workload_latencies none = { 0 }, one = { 0 }, many = { 0 };
	uint64_t i;

	CHECK(!workload_latencies_add(&one, 5));
	for (i = 100; i; i--)
		CHECK(!workload_latencies_add(&many, i));
	for (i = 0; i < COUNT(cases); i++) {
		unsigned int percent = cases[i].percent;

		CHECK(workload_latencies_percentile(&none, percent) == cases[i].of_none);
		CHECK(workload_latencies_percentile(&one, percent) == cases[i].of_one);
		many.count = 100;
		CHECK(workload_latencies_percentile(&many, percent) == cases[i].of_hundred);
		CHECK(!workload_latencies_add(&many, UINT64_MAX));
		CHECK(workload_latencies_percentile(&many, percent) == cases[i].of_one_more);
	}
	free(one.ns);
	free(many.ns);
}

/* The obvious way: the least of them that so many do not exceed. */
static uint64_t slow_percentile(const struct workload_latencies *latencies,
				unsigned int percent)
{
	uint64_t least = UINT64_MAX;
	size_t i, j;

	for (i = 0; i < latencies->count; i++) {
		size_t below = 0;

		for (j = 0; j < latencies->count; j++)
			below += latencies->ns[j] <= latencies->ns[i];
		if (below * 100 >= percent * latencies->count &&
		    latencies->ns[i] < least)
			least = latencies->ns[i];
	}
	return least;
}

static void test_property_percentile(void)
{
	struct workload_latencies latencies = { 0 };
	uint64_t state = 20150409;
	size_t count;

	for (count = 1; count <= 250; count++) {
		unsigned int percent = 1 + random_below(&state, 100);

		CHECK(!workload_latencies_add(&latencies, random_below(&state, 100)));
		CHECK(workload_latencies_percentile(&latencies, percent) ==
		      slow_percentile(&latencies, percent));
	}
	free(latencies.ns);
}

static void test_latency_limit(void)
{
	struct workload_latencies latencies = { 0 };

	while (latencies.count < WORKLOAD_LATENCIES_MAX)
		if (workload_latencies_add(&latencies, 1))
			break;
	CHECK(latencies.count == WORKLOAD_LATENCIES_MAX);
	CHECK(workload_latencies_add(&latencies, 1) == -EOVERFLOW);
	CHECK(latencies.count == WORKLOAD_LATENCIES_MAX);
	free(latencies.ns);
}

/* @count pieces one after the other, in the order of their offsets. */
static void add_pieces(uint64_t start, size_t count)
{
	uint64_t offset = comb.num_pieces * PIECE;

	for (; count; count--, offset += PIECE, start += PIECE)
		CHECK(!workload_comb_add(&comb, &plan, offset, start, false));
}

static size_t count_surplus(void)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < comb.num_pieces; i++)
		count += comb.pieces[i].surplus;
	return count;
}

static void test_comb(void)
{
	struct workload_comb_wish wish = { .fragments = 3, .files = 1 };
	size_t i;

	make_plan(2, 1);
	workload_comb_decide(&comb, &wish);
	CHECK(plan.groups[0].fragments == 0);
	add_pieces(GIB, 6);
	workload_comb_decide(&comb, &wish);
	CHECK(plan.groups[0].fragments == 2);
	CHECK(comb.num_settled == 0);
	add_pieces(GIB + 6 * PIECE, 4);
	workload_comb_decide(&comb, &wish);
	CHECK(plan.groups[0].fragments == 3);
	CHECK(plan.groups[1].fragments == 0);
	CHECK(comb.num_settled == 10);
	/* Kept: 0, 2, 4, 6; those in between and after them go. */
	for (i = 0; i < 10; i++)
		CHECK(comb.pieces[i].surplus == (i % 2 || i > 6));
}

static const struct comb_case {
	const char *name;
	struct workload_comb_wish wish;
	struct {
		uint64_t start, count;
	} runs[3];		/* a piece of each in turn */
	uint64_t lost;		/* files that the second block group lacks */
	uint64_t fragments, surplus, settled;
} combs[] = {
	{ "comb: pieces that alternate between two holes leave fragments",
	  { 100, 1 }, { { GIB, 11 }, { GIB + 50 * PIECE, 11 } },
	  .fragments = 10, .surplus = 10 },
	{ "comb: a fragment lies between two pieces of one block group",
	  { 100, 1 }, { { 2 * GIB - 2 * PIECE, 4 } } },
	{ "comb: pieces where none are wanted are given back",
	  { 1, 2 }, { { 2 * GIB, 5 }, { 3 * GIB, 5 }, { 9 * GIB, 5 } },
	  .lost = 1, .surplus = 15, .settled = 15 },
};

static void check_comb(const struct comb_case *expected)
{
	const struct workload_comb_wish *wish = &expected->wish;
	uint64_t i;
	size_t run;

	make_plan(2, wish->files);
	CHECK(!workload_plan_add_group(&plan, 3 * GIB, WORKLOAD_CACHED_LENGTH - 1, DATA));
	plan.groups[1].files -= expected->lost;
	for (i = 0; i < 11; i++)
		for (run = 0; run < COUNT(expected->runs); run++)
			if (i < expected->runs[run].count)
				add_pieces(expected->runs[run].start + i * PIECE, 1);
	for (i = 0; i < comb.num_pieces; i++)
		CHECK(!comb.pieces[i].group == (comb.pieces[i].start >= 9 * GIB));
	workload_comb_decide(&comb, wish);
	CHECK(plan.groups[0].fragments == expected->fragments);
	CHECK(plan.groups[1].fragments == 0);
	CHECK(count_surplus() == expected->surplus);
	CHECK(comb.num_settled == expected->settled);
	CHECK(workload_comb_lacks(&plan.groups[0], wish));
	CHECK(workload_comb_lacks(&plan.groups[1], wish) == !expected->lost);
	CHECK(!workload_comb_lacks(&plan.groups[2], wish));
}

/* The comb as the trees show it after the surplus has been given back. */
static void give_back(void)
{
	struct workload_comb left = { 0 };
	size_t i;

	for (i = 0; i < comb.num_pieces; i++)
		if (!comb.pieces[i].surplus)
			CHECK(!workload_comb_add(&left, &plan,
						 comb.pieces[i].offset,
						 comb.pieces[i].start, true));
	workload_comb_free(&comb);
	comb = left;
}

static void test_comb_again(void)
{
	/* The same again, then fewer, then with a file missing, then more. */
	static const struct {
		struct workload_comb_wish wish;
		uint64_t fragments;
	} cases[] = {
		{ { 40, 1 }, 40 }, { { 10, 1 }, 40 }, { { 10, 2 }, 0 }, { { 42, 1 }, 40 },
	};
	size_t i;

	make_plan(1, 1);
	add_pieces(GIB, 81);
	workload_comb_decide(&comb, &cases[0].wish);
	CHECK(plan.groups[0].fragments == 40);
	give_back();
	CHECK(comb.num_pieces == 41);
	for (i = 0; i < COUNT(cases); i++) {
		plan.groups[0].fragments = 0;
		comb.num_settled = 0;
		workload_comb_decide(&comb, &cases[i].wish);
		CHECK(plan.groups[0].fragments == cases[i].fragments);
		CHECK(!count_surplus());
	}
	/* The fragments stay, and new ones come after them. */
	CHECK(!comb.num_settled);
	add_pieces(GIB + 81 * PIECE, 4);
	workload_comb_decide(&comb, &cases[3].wish);
	CHECK(plan.groups[0].fragments == 42);
	CHECK(count_surplus() == 2);
}

/* The obvious way: is there a hole of a piece between two pieces? */
static uint64_t slow_fragments(const struct workload_block_group *home)
{
	uint64_t count = 0;
	size_t i, j;

	for (i = 0; i < comb.num_pieces; i++) {
		const struct workload_piece *piece = &comb.pieces[i];
		bool next = false, next_but_one = false;

		for (j = 0; j < comb.num_pieces; j++) {
			uint64_t distance = comb.pieces[j].start - piece->start;

			if (comb.pieces[j].group != home)
				continue;
			next |= distance == PIECE;
			next_but_one |= distance == 2 * PIECE;
		}
		count += piece->group == home && next_but_one && !next;
	}
	return count;
}

static void test_property_comb(void)
{
	uint64_t state = 20150410;
	uint64_t slot, offset;
	size_t home, round;

	for (round = 0; round < ROUNDS; round++) {
		struct workload_comb_wish wish = {
			.fragments = 1 + random_below(&state, 25), .files = 1,
		};

		make_plan(3, 1);
		offset = 0;
		for (slot = 0; slot < 3 * 60; slot++)
			if (random_below(&state, 5))
				CHECK(!workload_comb_add(
					&comb, &plan, offset++ * PIECE,
					(slot / 60 + 1) * GIB + slot % 60 * PIECE,
					random_below(&state, 2)));
		workload_comb_decide(&comb, &wish);
		give_back();
		for (home = 0; home < 3; home++)
			CHECK(plan.groups[home].fragments ==
			      slow_fragments(&plan.groups[home]));
		reset();
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "data block groups, the longest, and files left are counted", test_totals },
	{ "the lowest block groups and their first files are chosen", test_in_order },
	{ "property: files are mapped as the obvious way does, and chosen by the rules",
	  test_property_plan },
	{ "each file is used exactly once until none is left", test_used_up },
	{ "block groups and extents that cannot be, and equal numbers, are refused",
	  test_refused },
	{ "files read anew replace those from that inode on", test_drop },
	{ "files fit and leave a sixteenth free, and no piece fits into that",
	  test_sizes },
	{ "JSON: whole numbers, and an error where it cannot be written", test_json },
	{ "sample: counters are differences, and none goes backwards", test_sample },
	{ "sample: a sync of whatever is dirty has what is known of it", test_sync },
	{ "sample: too few starts, or starts without an end, are a fault",
	  test_fault },
	{ "percentiles are those of the nearest rank", test_percentile },
	{ "property: a percentile is what the obvious way finds",
	  test_property_percentile },
	{ "latencies beyond the limit are refused", test_latency_limit },
	{ "comb: every other piece is given back, and what is too much", test_comb },
	{ "comb: what an earlier fill left stays, and is completed", test_comb_again },
	{ "property: the fragments are those that the obvious way finds",
	  test_property_comb },
};

int main(void)
{
	size_t i;

	tap_plan(COUNT(layouts) + COUNT(combs) + COUNT(tests));
	for (i = 0; i < COUNT(layouts); i++) {
		check_layout(&layouts[i]);
		tell(layouts[i].name);
	}
	for (i = 0; i < COUNT(combs); i++) {
		check_comb(&combs[i]);
		tell(combs[i].name);
	}
	for (i = 0; i < COUNT(tests); i++) {
		tests[i].run();
		tell(tests[i].name);
	}
	return tap_exit_status();
}
