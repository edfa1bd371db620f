// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what the workload decides without a kernel: which file lies in
 * which block group, which ones are truncated, which pieces of the comb leave
 * fragments, what a sample and its percentiles say, the JSON.
 *
 * Each test is named for what must hold. The property tests make filesystems
 * at random from fixed seeds and compare with the slow and obvious way.
 * Output is TAP; the exit status is 1 if any test failed.
 *
 * test: limit=120
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/btrfs_tree.h>
#include <stdlib.h>
#include <string.h>

#include "workload-comb.h"
#include "workload-json.h"
#include "workload-latency.h"
#include "workload-plan.h"
#include "workload-sample.h"

#define GIB	(1ULL << 30)
#define MIB	(1ULL << 20)
#define ROUNDS	300

static bool failed;

/* The next number below @bound of a sequence that is the same each time. */
static uint64_t random_below(uint64_t *state, uint64_t bound)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*state >> 16) % bound;
}

#define CHECK(condition)						\
	do {								\
		if (!(condition)) {					\
			printf("# %s:%d: %s\n", __FILE__, __LINE__,	\
			       #condition);				\
			failed = true;					\
		}							\
	} while (0)

static void add_group(struct workload_plan *plan, uint64_t start,
		      uint64_t length, uint64_t flags)
{
	CHECK(!workload_plan_add_block_group(plan, start, length, flags));
}

static void add_file(struct workload_plan *plan, uint64_t number,
		     uint64_t start, uint64_t length)
{
	struct workload_file *file;

	file = workload_plan_add_file(plan, number, number + 257);
	file->size = length;
	if (length)
		CHECK(!workload_file_add_extent(file, start, length));
}

/* Data block groups at 1 GiB, 2 GiB ..., @files in each, in order. */
static void make_plan(struct workload_plan *plan, size_t groups, size_t files)
{
	uint64_t size = workload_file_size(GIB, files, 0);
	size_t i;

	for (i = 0; i < groups; i++)
		add_group(plan, (i + 1) * GIB, GIB, BTRFS_BLOCK_GROUP_DATA);
	for (i = 0; i < groups * files; i++)
		add_file(plan, i, (i / files + 1) * GIB + i % files * size,
			 size);
	CHECK(!workload_plan_map(plan));
}

static int choose(const struct workload_plan *plan, size_t count,
		  struct workload_selection *selection)
{
	return workload_select(plan, count, selection);
}

static void test_straddler(void)
{
	struct workload_plan plan = { 0 };
	struct workload_selection selection;

	add_group(&plan, GIB, GIB, BTRFS_BLOCK_GROUP_DATA);
	add_group(&plan, 2 * GIB, GIB, BTRFS_BLOCK_GROUP_DATA);
	add_file(&plan, 0, 2 * GIB - 4096, 8192);
	CHECK(!workload_plan_map(&plan));
	CHECK(plan.files[0].block_group == WORKLOAD_NOWHERE);
	CHECK(choose(&plan, 1, &selection) == -ENODATA);
	CHECK(selection.available == 0);
	workload_selection_free(&selection);
	workload_plan_free(&plan);
}

static void test_scattered(void)
{
	struct workload_plan plan = { 0 };

	make_plan(&plan, 2, 1);
	CHECK(!workload_file_add_extent(&plan.files[1], GIB, 4096));
	CHECK(!workload_plan_map(&plan));
	CHECK(plan.files[1].block_group == WORKLOAD_NOWHERE);
	CHECK(plan.block_groups[1].files == 0);
	workload_plan_free(&plan);
}

static void test_edges(void)
{
	struct workload_plan plan = { 0 };

	add_group(&plan, GIB, GIB, BTRFS_BLOCK_GROUP_DATA);
	add_group(&plan, 3 * GIB, GIB, BTRFS_BLOCK_GROUP_DATA);
	add_file(&plan, 0, GIB, GIB);
	add_file(&plan, 1, 2 * GIB, 4096);
	add_file(&plan, 2, GIB - 4096, 4096);
	add_file(&plan, 3, 4 * GIB - 4096, 4096);
	add_file(&plan, 4, 4 * GIB, 4096);
	CHECK(!workload_plan_map(&plan));
	CHECK(plan.files[0].block_group == 0);
	CHECK(plan.files[1].block_group == WORKLOAD_NOWHERE);
	CHECK(plan.files[2].block_group == WORKLOAD_NOWHERE);
	CHECK(plan.files[3].block_group == 1);
	CHECK(plan.files[4].block_group == WORKLOAD_NOWHERE);
	workload_plan_free(&plan);
}

static void test_empty_file(void)
{
	struct workload_plan plan = { 0 };
	struct workload_selection selection;

	make_plan(&plan, 1, 2);
	plan.files[0].size = 0;
	CHECK(!workload_plan_map(&plan));
	CHECK(workload_plan_files_left(&plan) == 1);
	CHECK(!choose(&plan, 1, &selection));
	CHECK(selection.files[0] == 1);
	workload_selection_free(&selection);
	workload_plan_free(&plan);
}

static void test_other_groups(void)
{
	struct workload_plan plan = { 0 };
	struct workload_selection selection;

	add_group(&plan, MIB, 8 * MIB, BTRFS_BLOCK_GROUP_DATA);
	add_group(&plan, GIB, GIB, BTRFS_BLOCK_GROUP_METADATA);
	add_group(&plan, 2 * GIB, GIB, BTRFS_BLOCK_GROUP_SYSTEM);
	add_group(&plan, 3 * GIB, WORKLOAD_CACHED_LENGTH - 1,
		  BTRFS_BLOCK_GROUP_DATA);
	add_group(&plan, 4 * GIB, WORKLOAD_CACHED_LENGTH,
		  BTRFS_BLOCK_GROUP_DATA | BTRFS_BLOCK_GROUP_RAID1);
	add_file(&plan, 0, MIB, 4096);
	add_file(&plan, 1, GIB, 4096);
	add_file(&plan, 2, 2 * GIB, 4096);
	add_file(&plan, 3, 3 * GIB, 4096);
	add_file(&plan, 4, 4 * GIB, 4096);
	CHECK(!workload_plan_map(&plan));
	CHECK(choose(&plan, 2, &selection) == -ENODATA);
	CHECK(selection.available == 1);
	workload_selection_free(&selection);
	CHECK(!choose(&plan, 1, &selection));
	CHECK(plan.files[selection.files[0]].number == 4);
	workload_selection_free(&selection);
	CHECK(workload_plan_count_data(&plan) == 3);
	CHECK(workload_plan_count_full(&plan, 1) == 1);
	CHECK(workload_plan_longest(&plan) == WORKLOAD_CACHED_LENGTH);
	workload_plan_free(&plan);
}

static void test_in_order(void)
{
	struct workload_plan plan = { 0 };
	struct workload_selection selection;
	size_t i;

	make_plan(&plan, 8, 3);
	CHECK(!choose(&plan, 5, &selection));
	CHECK(selection.count == 5);
	for (i = 0; i < selection.count; i++)
		CHECK(plan.files[selection.files[i]].number == 3 * i);
	CHECK(!workload_selection_check(&plan, &selection));
	workload_selection_free(&selection);
	workload_plan_free(&plan);
}

static void test_too_few(void)
{
	struct workload_plan plan = { 0 };
	struct workload_selection selection;

	make_plan(&plan, 4, 2);
	CHECK(choose(&plan, 5, &selection) == -ENODATA);
	CHECK(selection.count == 0);
	CHECK(selection.available == 4);
	workload_selection_free(&selection);
	workload_plan_free(&plan);
}

static void test_nothing(void)
{
	struct workload_plan plan = { 0 };
	struct workload_selection selection;

	CHECK(!workload_plan_map(&plan));
	CHECK(choose(&plan, 1, &selection) == -ENODATA);
	workload_selection_free(&selection);
	CHECK(workload_plan_find(&plan, 0) == WORKLOAD_NOWHERE);
	workload_plan_free(&plan);
}

static void test_check_refuses(void)
{
	struct workload_plan plan = { 0 };
	size_t files[2] = { 0, 1 };
	struct workload_selection selection = { .files = files, .count = 2 };

	make_plan(&plan, 2, 2);
	CHECK(workload_selection_check(&plan, &selection) == -EINVAL);
	files[1] = 2;
	CHECK(!workload_selection_check(&plan, &selection));
	plan.files[2].block_group = WORKLOAD_NOWHERE;
	CHECK(workload_selection_check(&plan, &selection) == -EINVAL);
	plan.files[2].block_group = 1;
	plan.files[2].low = GIB;
	CHECK(workload_selection_check(&plan, &selection) == -EINVAL);
	workload_plan_free(&plan);
}

/* A filesystem at random: holes, all types, files anywhere. */
static void make_random_plan(struct workload_plan *plan, uint64_t *state)
{
	static const uint64_t flags[] = {
		BTRFS_BLOCK_GROUP_DATA, BTRFS_BLOCK_GROUP_DATA,
		BTRFS_BLOCK_GROUP_METADATA, BTRFS_BLOCK_GROUP_SYSTEM,
	};
	uint64_t start = random_below(state, GIB);
	uint64_t files = random_below(state, 200);
	uint64_t i, groups = random_below(state, 30);

	for (i = 0; i < groups; i++) {
		uint64_t length = 1 + random_below(state, GIB);

		add_group(plan, start, length,
			  flags[random_below(state, 4)]);
		start += length;
		if (random_below(state, 2))
			start += random_below(state, GIB);
	}
	for (i = 0; i < files; i++) {
		uint64_t extents = random_below(state, 4);
		uint64_t at = random_below(state, start + 1);
		struct workload_file *file;

		file = workload_plan_add_file(plan, files - i, i);
		file->size = random_below(state, 5);
		for (; extents; extents--)
			CHECK(!workload_file_add_extent(
				file, at + random_below(state, GIB / 8),
				1 + random_below(state, GIB / 8)));
	}
	CHECK(!workload_plan_map(plan));
}

/* The obvious way: is the whole of the file inside this one? */
static bool inside(const struct workload_block_group *group,
		   const struct workload_file *file)
{
	return file->size && file->bytes && file->low >= group->start &&
	       file->high <= group->start + group->length;
}

static void compare_map(const struct workload_plan *plan)
{
	size_t i, j;

	for (i = 0; i < plan->num_files; i++) {
		size_t home = WORKLOAD_NOWHERE;

		for (j = 0; j < plan->num_block_groups; j++)
			if (inside(&plan->block_groups[j], &plan->files[i]))
				home = j;
		CHECK(plan->files[i].block_group == home);
	}
	for (j = 0; j < plan->num_block_groups; j++) {
		uint64_t files = 0;

		for (i = 0; i < plan->num_files; i++)
			files += inside(&plan->block_groups[j],
					&plan->files[i]);
		CHECK(plan->block_groups[j].files == files);
	}
}

static void test_property_map(void)
{
	uint64_t state = 20150406;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct workload_plan plan = { 0 };

		make_random_plan(&plan, &state);
		compare_map(&plan);
		workload_plan_free(&plan);
	}
}

static void compare_selection(const struct workload_plan *plan, size_t count)
{
	struct workload_selection selection;
	size_t available = workload_plan_count_full(plan, 1);
	int ret = workload_select(plan, count, &selection);

	CHECK(selection.available == available);
	CHECK(ret == (count <= available ? 0 : -ENODATA));
	CHECK(selection.count == (ret ? 0 : count));
	CHECK(!workload_selection_check(plan, &selection));
	workload_selection_free(&selection);
}

static void test_property_select(void)
{
	uint64_t state = 20150407;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct workload_plan plan = { 0 };
		size_t count;

		make_random_plan(&plan, &state);
		for (count = 0; count < 12; count++)
			compare_selection(&plan, count);
		workload_plan_free(&plan);
	}
}

static void test_property_used_up(void)
{
	uint64_t state = 20150408;
	int i;

	for (i = 0; i < 20; i++) {
		size_t files = 1 + random_below(&state, 6);
		struct workload_plan plan = { 0 };
		struct workload_selection selection;
		size_t round, j;

		make_plan(&plan, 9, files);
		for (round = 0; round < files; round++) {
			CHECK(!choose(&plan, 9, &selection));
			CHECK(!workload_selection_check(&plan, &selection));
			for (j = 0; j < selection.count; j++)
				plan.files[selection.files[j]].size = 0;
			workload_selection_free(&selection);
			CHECK(!workload_plan_map(&plan));
		}
		CHECK(workload_plan_files_left(&plan) == 0);
		CHECK(choose(&plan, 1, &selection) == -ENODATA);
		workload_selection_free(&selection);
		workload_plan_free(&plan);
	}
}

static void test_bad_block_groups(void)
{
	struct workload_plan plan = { 0 };

	add_group(&plan, GIB, GIB, 0);
	CHECK(workload_plan_add_block_group(&plan, 2 * GIB - 1, 1, 0) ==
	      -EINVAL);
	CHECK(workload_plan_add_block_group(&plan, 2 * GIB, 0, 0) == -EINVAL);
	CHECK(workload_plan_add_block_group(&plan, UINT64_MAX - 1, 3, 0) ==
	      -EINVAL);
	CHECK(plan.num_block_groups == 1);
	workload_plan_free(&plan);
}

static void test_bad_extents(void)
{
	struct workload_plan plan = { 0 };
	struct workload_file *file = workload_plan_add_file(&plan, 0, 0);

	CHECK(workload_file_add_extent(file, 5, 0) == -EINVAL);
	CHECK(workload_file_add_extent(file, UINT64_MAX, 2) == -EINVAL);
	CHECK(file->bytes == 0 && file->high == 0);
	workload_plan_free(&plan);
}

static void test_same_name(void)
{
	struct workload_plan plan = { 0 };

	add_group(&plan, GIB, GIB, BTRFS_BLOCK_GROUP_DATA);
	add_file(&plan, 2, GIB, 4096);
	add_file(&plan, 1, GIB + 4096, 4096);
	add_file(&plan, 2, GIB + 8192, 4096);
	CHECK(workload_plan_map(&plan) == -EEXIST);
	workload_plan_free(&plan);
}

static void test_name_order(void)
{
	struct workload_plan plan = { 0 };
	struct workload_selection selection;

	add_group(&plan, GIB, GIB, BTRFS_BLOCK_GROUP_DATA);
	add_file(&plan, 9, GIB, 4096);
	add_file(&plan, 4, GIB + 4096, 4096);
	CHECK(!workload_plan_map(&plan));
	CHECK(!choose(&plan, 1, &selection));
	CHECK(plan.files[selection.files[0]].number == 4);
	workload_selection_free(&selection);
	workload_plan_free(&plan);
}

static void test_drop(void)
{
	struct workload_plan plan = { 0 };

	make_plan(&plan, 2, 3);
	workload_plan_drop_files_from(&plan, 257 + 4);
	CHECK(plan.num_files == 4);
	CHECK(plan.files[3].number == 3);
	CHECK(!workload_plan_map(&plan));
	CHECK(workload_plan_count_full(&plan, 3) == 1);
	CHECK(plan.block_groups[1].files == 1);
	workload_plan_drop_files_from(&plan, 0);
	CHECK(plan.num_files == 0);
	workload_plan_free(&plan);
}

static void test_file_size(void)
{
	uint64_t files;

	CHECK(workload_file_size(GIB, 60, 0) == 16 * MIB);
	CHECK(workload_file_size(GIB, 8, 0) == 120 * MIB);
	CHECK(workload_file_size(100 * MIB, 4096, 0) == 0);
	CHECK(workload_file_size(GIB, 60, 60 * MIB) == 15 * MIB);
	CHECK(workload_file_size(GIB, 1, 960 * MIB) == 0);
	CHECK(workload_file_size(GIB, 1, 2 * GIB) == 0);
	for (files = 1; files <= 1024; files++) {
		uint64_t size = workload_file_size(GIB, files, 0);

		CHECK(size && size % WORKLOAD_GRANULE == 0);
		CHECK(size * files <= GIB - GIB / 16);
	}
}

static void test_pieces(void)
{
	uint64_t files;

	CHECK(workload_piece_size(0) == 0);
	CHECK(workload_piece_size(16 * MIB) == 16 * MIB);
	CHECK(workload_piece_size(160 * MIB) == 80 * MIB);
	for (files = 1; files <= 1024; files++) {
		uint64_t size = workload_file_size(GIB, files, 0);
		uint64_t piece = workload_piece_size(size);
		uint64_t last = size % piece ? size % piece : piece;

		CHECK(piece && piece <= WORKLOAD_EXTENT_MAX);
		/* It must not fit into the sixteenth that stays free. */
		CHECK(piece == size || last > GIB / 16);
	}
}

static void write_all(struct workload_json *json)
{
	workload_json_open(json, NULL, '{');
	workload_json_number(json, "least", 0);
	workload_json_number(json, "most", UINT64_MAX);
	workload_json_open(json, "none", '[');
	workload_json_close(json, ']');
	workload_json_open(json, "some", '[');
	workload_json_number(json, NULL, 1);
	workload_json_number(json, NULL, 2);
	workload_json_open(json, NULL, '{');
	workload_json_close(json, '}');
	workload_json_close(json, ']');
	workload_json_string(json, "text", "a\"b\\c\nd");
	workload_json_close(json, '}');
}

static void test_json(void)
{
	struct workload_json json = { 0 };
	char *text = NULL;
	size_t length;

	json.out = open_memstream(&text, &length);
	write_all(&json);
	CHECK(!workload_json_end(&json));
	workload_json_open(&json, NULL, '[');
	workload_json_close(&json, ']');
	CHECK(!workload_json_end(&json));
	fclose(json.out);
	CHECK(!strcmp(text,
		      "{\"least\": 0, \"most\": 18446744073709551615, "
		      "\"none\": [], \"some\": [1, 2, {}], "
		      "\"text\": \"a\\\"b\\\\c\\u000ad\"}\n[]\n"));
	free(text);
}

static void test_json_full(void)
{
	struct workload_json json = { .out = fopen("/dev/full", "w") };

	if (!json.out)
		return;
	workload_json_number(&json, NULL, 1);
	CHECK(workload_json_end(&json) == -EIO);
	fclose(json.out);
}

static const struct workload_counters counters_before = {
	.num_started = 100, .num_waited = 90, .num_discarded = 10,
	.setup_ns = 1000, .early_ns = 2000, .commit_ns = 3000,
	.critical_ns = 4000, .wait_ns = 5000, .commits = 7,
	.bytes_started = 1 << 20,
};

static const struct workload_counters counters_after = {
	.num_started = 164, .num_waited = 153, .num_discarded = 11,
	.setup_ns = 1001, .early_ns = 2020, .commit_ns = 3300,
	.critical_ns = 8000, .wait_ns = 5005, .commits = 9,
	.bytes_started = 3 << 20,
};

static void test_difference(void)
{
	struct workload_counters counted;

	CHECK(!workload_counters_difference(&counters_before, &counters_after,
					    &counted));
	CHECK(counted.num_started == 64 && counted.num_waited == 63);
	CHECK(counted.num_discarded == 1 && counted.commits == 2);
	CHECK(counted.setup_ns == 1 && counted.early_ns == 20);
	CHECK(counted.commit_ns == 300 && counted.critical_ns == 4000);
	CHECK(counted.wait_ns == 5 && counted.bytes_started == 2 << 20);
}

static void test_backwards(void)
{
	struct workload_counters before = counters_after, counted;
	const char *name;

	before.num_waited++;
	name = workload_counters_difference(&before, &counters_after, &counted);
	CHECK(name && !strcmp(name, "num_waited"));
}

static void test_fault(void)
{
	struct workload_sample sample = {
		.counted = { .num_started = 64, .num_waited = 60,
			     .num_discarded = 4 },
		.dirtied = 64,
	};

	CHECK(!workload_sample_fault(&sample));
	sample.dirtied = 65;
	CHECK(workload_sample_fault(&sample));
	CHECK(strstr(workload_sample_fault(&sample), "wrote fewer"));
	sample.dirtied = 10;
	CHECK(!workload_sample_fault(&sample));
	sample.counted.num_waited = 61;
	CHECK(workload_sample_fault(&sample));
	CHECK(strstr(workload_sample_fault(&sample), "started and lost"));
	sample.counted.num_waited = 59;
	CHECK(workload_sample_fault(&sample));
}

static void check_line(const struct workload_sample *sample,
		       const char *expected)
{
	struct workload_json json = { 0 };
	char *text = NULL;
	size_t length;

	json.out = open_memstream(&text, &length);
	workload_sample_write(&json, sample);
	fclose(json.out);
	CHECK(!strcmp(text, expected));
	free(text);
}

static void test_sample_line(void)
{
	struct workload_sample sample = {
		.transid = 42, .peak_in_flight = 33, .sync_ns = 99999,
		.dirtied = 60, .window = 8, .policy = "two_stage",
	};

	workload_counters_difference(&counters_before, &counters_after,
				     &sample.counted);
	check_line(&sample,
		   "{\"policy\": \"two_stage\", \"window\": 8, "
		   "\"transid\": 42, \"commits\": 2, \"dirtied\": 60, "
		   "\"num_started\": 64, \"num_waited\": 63, "
		   "\"num_discarded\": 1, \"bytes\": 2097152, "
		   "\"peak_in_flight\": 33, \"early_ns\": 20, "
		   "\"setup_ns\": 1, \"commit_ns\": 300, "
		   "\"passes_ns\": 320, \"writeout_ns\": 321, "
		   "\"critical_ns\": 4000, \"wait_ns\": 5, "
		   "\"sync_ns\": 99999}");
}

static void test_sync_line(void)
{
	struct workload_sample sample = { .sync_ns = 7, .policy = "legacy" };

	check_line(&sample,
		   "{\"policy\": \"legacy\", \"window\": 0, "
		   "\"transid\": 0, \"commits\": 0, \"num_started\": 0, "
		   "\"num_waited\": 0, \"num_discarded\": 0, "
		   "\"bytes\": 0, \"peak_in_flight\": 0, \"early_ns\": 0, "
		   "\"setup_ns\": 0, \"commit_ns\": 0, \"passes_ns\": 0, "
		   "\"writeout_ns\": 0, \"critical_ns\": 0, "
		   "\"wait_ns\": 0, \"sync_ns\": 7}");
	sample.policy[0] = 0;
	check_line(&sample, "{\"sync_ns\": 7}");
}

static uint64_t percentile(const struct workload_latencies *latencies,
			   unsigned int percent)
{
	uint64_t ns;

	CHECK(!workload_latencies_percentile(latencies, percent, &ns));
	return ns;
}

static void test_percentile(void)
{
	struct workload_latencies latencies = { 0 };
	uint64_t i;

	CHECK(percentile(&latencies, 99) == 0);
	CHECK(!workload_latencies_add(&latencies, 5));
	CHECK(percentile(&latencies, 1) == 5);
	CHECK(percentile(&latencies, 99) == 5);
	/* 100 numbers, from 100 down to 1. */
	latencies.count = 0;
	for (i = 100; i; i--)
		CHECK(!workload_latencies_add(&latencies, i));
	CHECK(percentile(&latencies, 1) == 1);
	CHECK(percentile(&latencies, 50) == 50);
	CHECK(percentile(&latencies, 99) == 99);
	CHECK(percentile(&latencies, 100) == 100);
	CHECK(latencies.ns[0] == 100 && latencies.ns[99] == 1);
	/* The 101st takes the rank up: 99.99 is the 100th. */
	CHECK(!workload_latencies_add(&latencies, UINT64_MAX));
	CHECK(percentile(&latencies, 99) == 100);
	CHECK(percentile(&latencies, 100) == UINT64_MAX);
	workload_latencies_free(&latencies);
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

		CHECK(!workload_latencies_add(
			&latencies, random_below(&state, 100)));
		CHECK(percentile(&latencies, percent) ==
		      slow_percentile(&latencies, percent));
	}
	workload_latencies_free(&latencies);
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
	workload_latencies_free(&latencies);
}

/* @count pieces one behind the other, in the order of their offsets. */
static void add_pieces(struct workload_comb *comb,
		       const struct workload_plan *plan, uint64_t start,
		       size_t count, bool old)
{
	uint64_t offset = comb->num_pieces * WORKLOAD_PIECE;
	size_t i;

	for (i = 0; i < count; i++)
		CHECK(!workload_comb_add(comb, plan,
					 offset + i * WORKLOAD_PIECE,
					 start + i * WORKLOAD_PIECE, old));
}

static size_t count_surplus(const struct workload_comb *comb)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < comb->num_pieces; i++)
		count += comb->pieces[i].surplus;
	return count;
}

static void test_comb(void)
{
	struct workload_comb_wish wish = { .fragments = 3, .files = 1 };
	struct workload_comb comb = { 0 };
	struct workload_plan plan = { 0 };
	size_t i;

	make_plan(&plan, 2, 1);
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(plan.block_groups[0].fragments == 0);
	add_pieces(&comb, &plan, GIB, 6, false);
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(plan.block_groups[0].fragments == 2);
	CHECK(comb.num_settled == 0);
	add_pieces(&comb, &plan, GIB + 6 * WORKLOAD_PIECE, 4, false);
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(plan.block_groups[0].fragments == 3);
	CHECK(plan.block_groups[1].fragments == 0);
	CHECK(comb.num_settled == 10);
	/* Kept: 0, 2, 4, 6; those in between and behind go. */
	CHECK(count_surplus(&comb) == 6);
	for (i = 0; i < 10; i++)
		CHECK(comb.pieces[i].surplus == (i % 2 || i > 6));
	workload_comb_free(&comb);
	workload_plan_free(&plan);
}

static void test_comb_two_holes(void)
{
	struct workload_comb_wish wish = { .fragments = 100, .files = 1 };
	struct workload_comb comb = { 0 };
	struct workload_plan plan = { 0 };
	uint64_t i;

	make_plan(&plan, 1, 1);
	for (i = 0; i < 11; i++) {
		add_pieces(&comb, &plan, GIB + i * WORKLOAD_PIECE, 1, false);
		add_pieces(&comb, &plan, GIB + (50 + i) * WORKLOAD_PIECE, 1,
			   false);
	}
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(plan.block_groups[0].fragments == 10);
	CHECK(count_surplus(&comb) == 10);
	workload_comb_free(&comb);
	workload_plan_free(&plan);
}

static void test_comb_borders(void)
{
	struct workload_comb_wish wish = { .fragments = 100, .files = 1 };
	struct workload_comb comb = { 0 };
	struct workload_plan plan = { 0 };

	make_plan(&plan, 2, 1);
	/* Neither is between two others of its block group. */
	add_pieces(&comb, &plan, 2 * GIB - 2 * WORKLOAD_PIECE, 4, false);
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(plan.block_groups[0].fragments == 0);
	CHECK(plan.block_groups[1].fragments == 0);
	CHECK(count_surplus(&comb) == 0);
	workload_comb_free(&comb);
	workload_plan_free(&plan);
}

static void test_comb_elsewhere(void)
{
	struct workload_comb_wish wish = { .fragments = 1, .files = 2 };
	struct workload_comb comb = { 0 };
	struct workload_plan plan = { 0 };

	make_plan(&plan, 2, 2);
	add_group(&plan, 3 * GIB, WORKLOAD_CACHED_LENGTH - 1,
		  BTRFS_BLOCK_GROUP_DATA);
	plan.block_groups[1].files = 1;
	add_pieces(&comb, &plan, 2 * GIB, 5, false);
	add_pieces(&comb, &plan, 3 * GIB, 5, false);
	add_pieces(&comb, &plan, 9 * GIB, 5, false);
	CHECK(comb.pieces[10].block_group == WORKLOAD_NOWHERE);
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(count_surplus(&comb) == 15);
	CHECK(comb.num_settled == 15);
	CHECK(workload_comb_lacks(&plan.block_groups[0], &wish));
	CHECK(!workload_comb_lacks(&plan.block_groups[1], &wish));
	CHECK(!workload_comb_lacks(&plan.block_groups[2], &wish));
	workload_comb_free(&comb);
	workload_plan_free(&plan);
}

/* The comb as the trees show it after the surplus has been given back. */
static void give_back(struct workload_comb *comb,
		      const struct workload_plan *plan)
{
	struct workload_comb left = { 0 };
	size_t i;

	for (i = 0; i < comb->num_pieces; i++)
		if (!comb->pieces[i].surplus)
			CHECK(!workload_comb_add(&left, plan,
						 comb->pieces[i].offset,
						 comb->pieces[i].start, true));
	workload_comb_free(comb);
	*comb = left;
}

static void forget_fragments(struct workload_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->num_block_groups; i++)
		plan->block_groups[i].fragments = 0;
}

static void test_comb_again(void)
{
	struct workload_comb_wish wish = { .fragments = 40, .files = 1 };
	struct workload_comb comb = { 0 };
	struct workload_plan plan = { 0 };

	make_plan(&plan, 1, 1);
	add_pieces(&comb, &plan, GIB, 81, false);
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(plan.block_groups[0].fragments == 40);
	give_back(&comb, &plan);
	CHECK(comb.num_pieces == 41);

	/* The same again, then fewer, then with a file missing: no change. */
	forget_fragments(&plan);
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(plan.block_groups[0].fragments == 40 && !count_surplus(&comb));
	forget_fragments(&plan);
	comb.num_settled = 0;
	wish.fragments = 10;
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(plan.block_groups[0].fragments == 40 && !count_surplus(&comb));
	forget_fragments(&plan);
	comb.num_settled = 0;
	wish.files = 2;
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(plan.block_groups[0].fragments == 0 && !count_surplus(&comb));

	/* More: the fragments stay, and new ones come behind. */
	forget_fragments(&plan);
	comb.num_settled = 0;
	wish.files = 1;
	wish.fragments = 42;
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(plan.block_groups[0].fragments == 40 && !comb.num_settled);
	add_pieces(&comb, &plan, GIB + 81 * WORKLOAD_PIECE, 4, false);
	workload_comb_decide(&comb, &plan, &wish);
	CHECK(plan.block_groups[0].fragments == 42);
	CHECK(count_surplus(&comb) == 2);
	workload_comb_free(&comb);
	workload_plan_free(&plan);
}

/* The obvious way: is there a hole of a piece between two pieces? */
static uint64_t slow_fragments(const struct workload_comb *comb, size_t home)
{
	uint64_t count = 0;
	size_t i, j;

	for (i = 0; i < comb->num_pieces; i++) {
		const struct workload_piece *piece = &comb->pieces[i];
		bool behind = false, far = false;

		if (piece->block_group != home)
			continue;
		for (j = 0; j < comb->num_pieces; j++) {
			uint64_t start = comb->pieces[j].start;

			if (comb->pieces[j].block_group != home)
				continue;
			behind |= start == piece->start + WORKLOAD_PIECE;
			far |= start == piece->start + 2 * WORKLOAD_PIECE;
		}
		count += far && !behind;
	}
	return count;
}

static void add_random_pieces(struct workload_comb *comb,
			      const struct workload_plan *plan,
			      uint64_t *state)
{
	uint64_t offset = 0;
	uint64_t slot;

	for (slot = 0; slot < 3 * 60; slot++)
		if (random_below(state, 5))
			CHECK(!workload_comb_add(
				comb, plan, offset++ * WORKLOAD_PIECE,
				(slot / 60 + 1) * GIB +
					slot % 60 * WORKLOAD_PIECE,
				random_below(state, 2)));
}

static void test_property_comb(void)
{
	uint64_t state = 20150410;
	size_t home;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct workload_comb_wish wish = { .files = 1 };
		struct workload_comb comb = { 0 };
		struct workload_plan plan = { 0 };

		wish.fragments = 1 + random_below(&state, 25);
		make_plan(&plan, 3, 1);
		add_random_pieces(&comb, &plan, &state);
		workload_comb_decide(&comb, &plan, &wish);
		give_back(&comb, &plan);
		for (home = 0; home < 3; home++)
			CHECK(plan.block_groups[home].fragments ==
			      slow_fragments(&comb, home));
		workload_comb_free(&comb);
		workload_plan_free(&plan);
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "a file that straddles two block groups is never chosen",
	  test_straddler },
	{ "a file with extents in two block groups belongs to none",
	  test_scattered },
	{ "a file may touch both ends of its block group, not cross them",
	  test_edges },
	{ "an empty file is never chosen", test_empty_file },
	{ "only data block groups long enough for a cache count",
	  test_other_groups },
	{ "without a wish the lowest block groups and first files are chosen",
	  test_in_order },
	{ "too few block groups give none, and how many there are",
	  test_too_few },
	{ "a filesystem without block groups is no trouble", test_nothing },
	{ "a selection with two files in one block group is refused",
	  test_check_refuses },
	{ "property: a file is mapped where the obvious way finds it",
	  test_property_map },
	{ "property: a selection has the wanted count and keeps the rules",
	  test_property_select },
	{ "property: each file is used exactly once until none is left",
	  test_property_used_up },
	{ "block groups that are empty, overlap or wrap are refused",
	  test_bad_block_groups },
	{ "extents that are empty or wrap are refused", test_bad_extents },
	{ "two files with one number are refused", test_same_name },
	{ "files count by number, whatever their inodes", test_name_order },
	{ "files read anew replace those from that inode on", test_drop },
	{ "the files for a block group fit and leave a sixteenth free",
	  test_file_size },
	{ "pieces of a file do not fit into what is left free",
	  test_pieces },
	{ "JSON: commas, whole 64 bit numbers and quotes are right",
	  test_json },
	{ "JSON: output that cannot be written is an error", test_json_full },
	{ "sample: counters are differences", test_difference },
	{ "sample: a counter that goes backwards is named", test_backwards },
	{ "sample: too few starts, or starts without an end, are a fault",
	  test_fault },
	{ "sample: the line has every field the report needs",
	  test_sample_line },
	{ "sample: a sync of whatever is dirty has what is known of it",
	  test_sync_line },
	{ "percentiles are those of the nearest rank", test_percentile },
	{ "property: a percentile is what the obvious way finds",
	  test_property_percentile },
	{ "latencies beyond the limit are refused", test_latency_limit },
	{ "comb: every other piece is given back, and what is too much",
	  test_comb },
	{ "comb: pieces that alternate between two holes leave fragments",
	  test_comb_two_holes },
	{ "comb: a fragment lies between two pieces of one block group",
	  test_comb_borders },
	{ "comb: pieces where none are wanted are given back",
	  test_comb_elsewhere },
	{ "comb: what an earlier fill left stays, and is completed",
	  test_comb_again },
	{ "property: the fragments are those that the obvious way finds",
	  test_property_comb },
};

int main(void)
{
	size_t count = sizeof(tests) / sizeof(*tests);
	bool any = false;
	size_t i;

	printf("1..%zu\n", count);
	for (i = 0; i < count; i++) {
		failed = false;
		tests[i].run();
		printf("%sok %zu - %s\n", failed ? "not " : "", i + 1,
		       tests[i].name);
		any |= failed;
	}
	return any ? EXIT_FAILURE : EXIT_SUCCESS;
}
