/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands in for the kernel header of this name: the integer types, in C99's
 * words.
 */
#ifndef MOCK_LINUX_TYPES_H
#define MOCK_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#endif /* MOCK_LINUX_TYPES_H */
