/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MOCK_LINUX_MM_H
#define MOCK_LINUX_MM_H

#define PAGE_SIZE 4096UL

#endif /* MOCK_LINUX_MM_H */
