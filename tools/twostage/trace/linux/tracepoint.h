/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's, as far as trace_events.h needs it: nothing. */
