// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what the workload decides without a kernel: which file lies in
 * which block group, which ones are truncated, which pieces of the comb leave
 * fragments, what a sample and its percentiles say.
 *
 * The property tests make filesystems at random, the same each time, and compare
 * with the slow and obvious way. Output is TAP; the exit status is 1 if any test
 * failed.
 *
 * test: limit=120
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs_tree.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include "tap.h"
#include "workload.h"

#define GIB	(1ULL << 30)
#define MIB	(1ULL << 20)
#define KIB	(1ULL << 10)
#define PIECE	WORKLOAD_PIECE
#define ROUNDS	300
#define MOST_GROUPS	10
#define MOST_FILES	80
#define STEP	(WORKLOAD_CACHED_LENGTH / 2)
#define DATA	BTRFS_BLOCK_GROUP_DATA

/* What a test works on; empty again after each. */
static struct workload_plan plan;
static struct workload_comb comb;

#define TEXT(number)		#number
#define PLACE(file, line)	file ":" TEXT(line) ": "
#define CHECK(condition)	expect(condition, PLACE(__FILE__, __LINE__) #condition)

static void reset(void)
{
	workload_comb_free(&comb);
	workload_plan_free(&plan);
}

/* The next number below @bound of a sequence that is the same each time. */
static uint64_t random_below(uint64_t bound)
{
	static uint64_t state = 20150406;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 16) % bound;
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

/* Where a file lies, from the lowest of its extents to the highest; what they take. */
struct span {
	uint64_t low, high, bytes;
};

/*
 * A filesystem at random: holes, all types, files anywhere. All begins and ends at
 * multiples of half the least length with a cache, or a byte or few before, so that
 * files often touch both ends of a block group, or cross one by a byte.
 */
static void make_random_plan(struct span spans[MOST_FILES])
{
	static const uint64_t flags[] = {
		DATA, DATA | BTRFS_BLOCK_GROUP_RAID1,
		BTRFS_BLOCK_GROUP_METADATA, BTRFS_BLOCK_GROUP_SYSTEM,
	};
	uint64_t groups = random_below(MOST_GROUPS);
	uint64_t number = random_below(MOST_FILES);
	uint64_t start = STEP;

	for (; groups; groups--) {
		uint64_t length = (1 + random_below(6)) * STEP -
				  random_below(2);

		CHECK(!workload_plan_add_group(&plan, start, length,
					       flags[random_below(4)]));
		start += length + random_below(3) / 2 * STEP;
	}
	while (number--) {
		uint64_t extents = random_below(3);
		struct span *span = &spans[number];
		struct workload_file *file;

		*span = (struct span){ .low = UINT64_MAX };
		file = workload_plan_add_file(&plan, number, MOST_FILES - number);
		file->size = random_below(5);
		for (; extents; extents--) {
			uint64_t low = random_below(start / STEP + 2) * STEP;
			uint64_t length = (1 + random_below(3)) * STEP -
					  random_below(2);

			CHECK(!workload_file_add_extent(file, low, length));
			span->low = MIN(span->low, low);
			span->high = MAX(span->high, low + length);
			span->bytes += length;
		}
	}
	CHECK(!workload_plan_map(&plan));
}

static bool lies_inside(const struct workload_block_group *group,
			const struct span *span)
{
	return span->bytes && span->low >= group->start &&
	       span->high <= group->start + group->length;
}

/* Whether exactly these files are chosen, the first ones of their block groups. */
static void check_selected(const size_t *expected, size_t full)
{
	size_t available, count, i;
	size_t *selected;

	CHECK(workload_plan_count_full(&plan, 1) == full);
	for (count = 0; count <= full + 1; count++) {
		CHECK(workload_plan_select(&plan, count, &selected, &available) ==
		      (count <= full ? 0 : -ENODATA));
		CHECK(available == full);
		for (i = 0; i < full; i++)
			CHECK(selected[i] == expected[i]);
		free(selected);
	}
}

/* The obvious way: look at each block group with each file. */
static void test_property_plan(void)
{
	size_t i, j, round;

	for (round = 0; round < ROUNDS; round++) {
		size_t expected[MOST_GROUPS], full = 0, data = 0, left = 0;
		struct span spans[MOST_FILES];
		uint64_t longest = 0;

		make_random_plan(spans);
		for (i = 0; i < plan.num_groups; i++) {
			struct workload_block_group *group = &plan.groups[i];
			uint64_t files = 0;

			for (j = plan.num_files; j--;) {
				bool inside = plan.files[j].size &&
					      lies_inside(group, &spans[j]);

				CHECK((plan.files[j].group == group) == inside);
				files += inside;
				if (inside)
					expected[full] = j;
			}
			CHECK(group->files == files);
			if (!(group->flags & DATA))
				continue;
			data++;
			longest = MAX(longest, group->length);
			full += files && group->length >= WORKLOAD_CACHED_LENGTH;
		}
		for (j = 0; j < plan.num_files; j++) {
			CHECK(plan.files[j].number == j);
			CHECK(plan.files[j].bytes == spans[j].bytes);
			left += plan.files[j].size > 0;
		}
		check_selected(expected, full);
		CHECK(workload_plan_count_data(&plan) == data);
		CHECK(workload_plan_longest(&plan) == longest);
		CHECK(workload_plan_files_left(&plan) == left);
		CHECK(!workload_plan_find(&plan, 0));
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
	CHECK(plan.groups[0].files == 3 && plan.groups[1].files == 1);
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
	struct json_object *json;
	const char *backwards;

	CHECK(!workload_sample_count(&sample, after));
	check_json(workload_sample_json(&sample),
		   "{\"policy\":\"two_stage\",\"window\":8,\"transid\":42,\"dirtied\":60,"
		   "\"num_started\":64,\"num_waited\":63,\"num_discarded\":1,"
		   "\"setup_ns\":1,\"early_ns\":20,\"commit_ns\":300,"
		   "\"critical_ns\":4000,\"wait_ns\":5,\"bytes\":2097152,\"commits\":2,"
		   "\"peak_in_flight\":33,\"passes_ns\":320,\"writeout_ns\":321,"
		   "\"sync_ns\":99999}");

	/* A sync of whatever is dirty, and without the counters. */
	sample.dirtied = 0;
	json = workload_sample_json(&sample);
	CHECK(json_object_object_get_ex(json, "num_started", NULL));
	CHECK(!json_object_object_get_ex(json, "dirtied", NULL));
	json_object_put(json);
	sample.policy[0] = 0;
	check_json(workload_sample_json(&sample), "{\"sync_ns\":99999}");

	sample.before[TWOSTAGE_TOTAL_num_waited] = 154;
	backwards = workload_sample_count(&sample, after);
	CHECK(backwards && !strcmp(backwards, "writeout/num_waited"));
}

static void test_fault(void)
{
	static const struct {
		uint64_t dirtied, started, waited, discarded;
		const char *fault;
	} cases[] = {
		{ 64, 64, 60, 4, NULL },
		{ 10, 64, 60, 4, NULL },
		{ 65, 64, 60, 4, "wrote fewer" },
		{ 10, 64, 61, 4, "another commit" },
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

/* The obvious way: the least of them that so many do not exceed. */
static uint64_t slow_percentile(const struct workload_latencies *latencies,
				unsigned int percent)
{
	uint64_t least = latencies->count ? UINT64_MAX : 0;
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
	unsigned int percent;

	while (latencies.count < 110) {
		for (percent = 1; percent <= 100; percent++)
			CHECK(workload_latencies_percentile(&latencies, percent) ==
			      slow_percentile(&latencies, percent));
		CHECK(!workload_latencies_add(&latencies, random_below(100)));
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

/* The comb as the trees show it to a later fill. */
static void give_back(void)
{
	size_t i, left = 0;

	for (i = 0; i < comb.num_pieces; i++) {
		comb.pieces[i].old = true;
		if (!comb.pieces[i].surplus)
			comb.pieces[left++] = comb.pieces[i];
	}
	comb.num_pieces = left;
	comb.num_settled = 0;
}

/* Whether a piece that stays lies so far behind @piece, in the same block group. */
static bool stays_at(const struct workload_piece *piece, uint64_t distance)
{
	size_t i;

	for (i = 0; i < comb.num_pieces; i++)
		if (comb.pieces[i].start == piece->start + distance)
			return !comb.pieces[i].surplus &&
			       comb.pieces[i].group == piece->group;
	return false;
}

/* The obvious way: is there a hole of a piece between two pieces? */
static uint64_t slow_fragments(const struct workload_block_group *home)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < comb.num_pieces; i++)
		count += comb.pieces[i].group == home && !comb.pieces[i].surplus &&
			 stays_at(&comb.pieces[i], 2 * PIECE) &&
			 !stays_at(&comb.pieces[i], PIECE);
	return count;
}

/* Pieces at random around both ends of each block group, in any order. */
static void add_random_pieces(void)
{
	uint64_t slot, end;

	for (slot = 0; slot < 60; slot++)
		for (end = 1; end <= 4; end++)
			if (random_below(5))
				CHECK(!workload_comb_add(
					&comb, &plan, comb.num_pieces * PIECE,
					end * GIB + (slot * 7 % 60 - 30) * PIECE,
					random_below(2)));
}

/* Not in the last block group, which is too short, nor in one without a file. */
static bool wants_fragments(const struct workload_block_group *group)
{
	return group && group < &plan.groups[2] && group->files;
}

static void check_fragments(const struct workload_comb_wish *wish)
{
	size_t settled = 0;
	size_t i;

	for (i = 0; i < 3; i++) {
		struct workload_block_group *group = &plan.groups[i];
		bool wants = wants_fragments(group);

		CHECK(group->fragments == (wants ? slow_fragments(group) : 0));
		CHECK(workload_comb_lacks(group, wish) ==
		      (wants && group->fragments < wish->fragments));
	}
	for (i = 0; i < comb.num_pieces; i++) {
		struct workload_piece *piece = &comb.pieces[i];
		bool lacks = piece->group && workload_comb_lacks(piece->group, wish);

		settled += !lacks;
		if (lacks)
			CHECK(piece->surplus == (stays_at(piece, -PIECE) &&
						 stays_at(piece, PIECE)));
		else if (!wants_fragments(piece->group))
			CHECK(piece->surplus == !piece->old);
	}
	CHECK(comb.num_settled == settled);
}

static void test_property_comb(void)
{
	size_t i, round;

	for (round = 0; round < ROUNDS; round++) {
		struct workload_comb_wish wish = {
			.fragments = 1 + random_below(25), .files = 1,
		};

		make_plan(3, 1);
		plan.groups[1].files = random_below(2);
		plan.groups[2].length = WORKLOAD_CACHED_LENGTH - 1;
		add_random_pieces();
		workload_comb_decide(&comb, &wish);
		check_fragments(&wish);

		/* A later fill that wants as many, or fewer, changes nothing. */
		give_back();
		for (i = 0; i < 3; i++)
			plan.groups[i].fragments = 0;
		wish.fragments = 1 + random_below(wish.fragments);
		workload_comb_decide(&comb, &wish);
		check_fragments(&wish);
		for (i = 0; i < comb.num_pieces; i++)
			CHECK(!comb.pieces[i].surplus);
		reset();
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "property: files are mapped, counted and chosen as the obvious way does",
	  test_property_plan },
	{ "block groups and extents that cannot be, and equal numbers, are refused",
	  test_refused },
	{ "files read anew replace those from that inode on", test_drop },
	{ "files fit and leave a sixteenth free, and no piece fits into that",
	  test_sizes },
	{ "JSON: whole numbers, and an error where it cannot be written", test_json },
	{ "sample: counters that are known are differences, and none goes backwards", test_sample },
	{ "sample: too few starts, or starts without an end, are a fault",
	  test_fault },
	{ "property: a percentile is what the obvious way finds, by the nearest rank",
	  test_property_percentile },
	{ "latencies beyond the limit are refused", test_latency_limit },
	{ "comb: every other piece is given back, and what is too much", test_comb },
	{ "property: the fragments are those that the obvious way finds, and stay",
	  test_property_comb },
};

int main(void)
{
	size_t i;

	tap_plan(COUNT(tests));
	for (i = 0; i < COUNT(tests); i++) {
		tests[i].run();
		reset();
		tap_result(tests[i].name);
	}
	return tap_exit_status();
}
