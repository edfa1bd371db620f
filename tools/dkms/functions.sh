# shellcheck shell=bash
#
# The guarded functions, and which of their texts have been read. Sourced after lib.sh.
# Nothing here writes.
#
# A line of the table has the file, the function, a hash of its text without comments
# and white space, and the series in which that text was read and compared with what
# src/ assumes. A text read in one series counts as read in every other, except in those
# listed as !SERIES, where the same text means something different.

TABLE=$PROJECT/src/compat/known-functions

# The functions that seams set aside, and those that the engine uses or relies on.
guarded_functions() {
	cat <<-END
	block-group.c btrfs_setup_space_cache
	block-group.c btrfs_start_dirty_block_groups
	block-group.c btrfs_write_dirty_block_groups
	block-group.c cache_save_setup
	block-group.c update_block_group_item
	block-group.c btrfs_update_block_group
	block-group.c btrfs_remove_block_group
	block-group.c btrfs_cache_block_group
	block-group.c load_extent_tree_free
	block-rsv.c btrfs_check_trunc_cache_free_space
	free-space-cache.c btrfs_check_trunc_cache_free_space
	free-space-cache.c __lookup_free_space_inode
	free-space-cache.c lookup_free_space_inode
	free-space-cache.c __create_free_space_inode
	free-space-cache.c create_free_space_inode
	free-space-cache.c btrfs_truncate_free_space_cache
	free-space-cache.c btrfs_write_out_cache
	free-space-cache.c __btrfs_write_out_cache
	free-space-cache.c btrfs_wait_cache_io
	free-space-cache.c __btrfs_wait_cache_io
	free-space-cache.c flush_dirty_cache
	free-space-cache.c update_cache_item
	free-space-cache.c io_ctl_init
	free-space-cache.c io_ctl_prepare_pages
	free-space-cache.c io_ctl_set_generation
	free-space-cache.c io_ctl_add_entry
	free-space-cache.c io_ctl_add_bitmap
	free-space-cache.c io_ctl_zero_remaining_pages
	free-space-cache.c write_cache_extent_entries
	free-space-cache.c write_pinned_extent_entries
	free-space-cache.c load_free_space_cache
	free-space-cache.c __load_free_space_cache
	free-space-cache.c readahead_cache
	free-space-cache.c io_ctl_check_generation
	free-space-cache.c io_ctl_check_crc
	delayed-inode.c btrfs_run_delayed_items_nr
	delayed-inode.c __btrfs_run_delayed_items
	disk-io.c btrfs_cleanup_bg_io
	disk-io.c btrfs_cleanup_dirty_bgs
	disk-io.c btrfs_commit_super
	extent_io.c read_extent_buffer
	extent_io.c find_extent_buffer
	extent-tree.c btrfs_run_delayed_refs
	extent-tree.c __btrfs_run_delayed_refs
	delayed-ref.c btrfs_select_ref_head
	free-space-tree.c populate_free_space_tree
	ordered-data.c btrfs_lookup_ordered_range
	ordered-data.c btrfs_remove_ordered_extent
	transaction.c commit_cowonly_roots
	transaction.c btrfs_commit_transaction
	inode.c __btrfs_prealloc_file_range
	inode.c insert_prealloc_file_extent
	inode.c insert_reserved_file_extent
	file.c btrfs_drop_extents
	inode.c run_delalloc_nocow
	inode.c nocow_one_range
	inode.c can_nocow_file_extent
	inode.c btrfs_get_extent
	inode.c btrfs_finish_ordered_io
	inode.c btrfs_finish_one_ordered
	relocation.c delete_block_group_cache
	relocation.c delete_v1_space_cache
	sysfs.c btrfs_sysfs_add_mounted
	sysfs.c btrfs_sysfs_remove_mounted
	sysfs.c btrfs_sysfs_update_sprout_fsid
	END
}

# function_text FILE FUNCTION: its definition, not a declaration on several lines
function_text() {
	awk -v name="$2" '
		!inside && /^[a-z].*\(/ && $0 !~ /;[ \t]*$/ {
			before = substr($0, 1, index($0, "(") - 1)
			sub(/.*[ \t*]/, "", before)
			if (before == name)
				inside = 1
		}
		inside { text = text $0 "\n" }
		inside && /\{/ { body = 1 }
		inside && !body && /;[ \t]*$/ { inside = 0; text = "" }
		inside && /^}/ { found = 1; exit }
		END {
			if (!found)
				exit 1
			printf "%s", text
		}' "$1" 2> /dev/null
}

# hash_text: of standard input, without comments and white space
hash_text() {
	awk '
		{ text = text $0 "\n" }
		END {
			gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", text)
			gsub(/[ \t\n]/, "", text)
			print text
		}' | sha256sum | cut -c 1-16
}

# source_lines FOLDER: "file function hash" for each function
source_lines() {
	local file function text hash

	while read -r file function; do
		hash=missing
		if text=$(function_text "$1/fs/btrfs/$file" "$function"); then
			hash=$(hash_text <<< "$text")
		fi
		printf '%s %s %s\n' "$file" "$function" "$hash"
	done < <(guarded_functions)
}

# states FOLDER SERIES: "read|unread|different file function hash series..." for each
# function, with the series in which its text was read. That a function is missing
# counts only for the series in which it was recorded.
states() {
	awk -v series="$2" '
		FILENAME == ARGV[1] {
			key = $1 " " $2 " " $3
			$1 = $2 = $3 = ""
			table[key] = $0 " "
			next
		}
		{
			state = "unread"
			known = table[$0]
			different = index(known, " !" series " ")
			gsub(/![^ ]* /, "", known)
			if (different)
				state = "different"
			else if (index(known, " " series " ") ||
				 ($3 != "missing" && known ~ /[^ ]/))
				state = "read"
			print state, $0 known
		}' "$TABLE" <(source_lines "$1")
}
