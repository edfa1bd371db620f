/* SPDX-License-Identifier: GPL-2.0 */
/* Faults in the engine's own steps; see fault.h. Included by writeout.c. */
#include "fault.h"

#define btrfs_alloc_path()						\
	(twostage_fault(TWOSTAGE_FAULT_path) ? NULL : btrfs_alloc_path())
#define twostage_run_some_delayed_refs(trans)				\
	TWOSTAGE_FAILING_REFS(trans, twostage_run_some_delayed_refs(trans))
#define twostage_run_all_delayed_refs(trans)				\
	TWOSTAGE_FAILING_REFS(trans, twostage_run_all_delayed_refs(trans))
