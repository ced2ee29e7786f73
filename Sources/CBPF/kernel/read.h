// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "kern.h"

// Reading the kernel's memory, which may be freed or be something else by now: no load faults, and whatever it gives is taken for what it may be, a number.

// A bounded loop is not a short one: loops within loops over a damaged list could hold a processor for hours. So a run may take so many steps and no
// more, each callback takes one, and the run says how far it came. This many take some milliseconds.
#define BUDGET (1 << 15)
static u32 budget;
INLINE void spend(u32 steps) { budget = budget > steps ? budget - steps : 0; }
#define STEP() \
  ({ \
    if (!budget) { \
      totals.out_of_budget = 1; \
      return 1; \
    } \
    budget--; \
  })
// A read of what is no memory takes as long as many others, and tells that something is wrong.
#define FAULT 256

/// Whether an address can be one of the kernel's: they are in the upper half.
INLINE bool is_kernel(u64 at) { return (s64)at < 0; }

#ifdef PROBE
// By a call for each field (Linux 5.17 to 6.1).
#define READ(type, at, field) \
  ({ \
    typeof(((struct type *)0)->field) value_ = 0; \
    bpf_probe_read_kernel(&value_, sizeof value_, (void *)((at) + OFFSET(type, field))); \
    value_; \
  })
/// A word of the kernel's memory; 1 where it cannot be read.
INLINE u64 word_at(u64 at) {
  u64 value = 1;
  if (!bpf_probe_read_kernel(&value, 8, (void *)at)) return value;
  spend(FAULT);
  return 1;
}
/// A word; 1 where it cannot be read.
INLINE u64 word(u64 at) {
  u64 value = 1;
  if (!is_kernel(at) || bpf_probe_read_kernel(&value, 8, (void *)at)) {
    spend(FAULT);
    return 1;
  }
  return value;
}
#else
// By a load, which the kernel guards (Linux 6.2 and newer).
extern void *bpf_rdonly_cast(const void *object, u32 type) __attribute__((section(".ksyms")));
#define READ(type, at, field) (((struct type *)bpf_rdonly_cast((void *)(at), TYPE_ID(type)))->field)
INLINE u64 word_at(u64 at) { return READ(timespec64, at, tv_sec); }
INLINE u64 word(u64 at) {
  if (is_kernel(at)) return word_at(at);
  spend(FAULT);
  return 1;
}
#endif

// A field that some kernels keep in a few bits of a word: its place is the kernel's affair.
#define READ_BITS(type, at, field) \
  ({ \
    u64 value_ = 0; \
    bpf_probe_read_kernel( \
        &value_, __builtin_preserve_field_info(((struct type *)0)->field, 1), \
        (void *)((at) + __builtin_preserve_field_info(((struct type *)0)->field, 0))); \
    value_ <<= __builtin_preserve_field_info(((struct type *)0)->field, 4); \
    value_ >> __builtin_preserve_field_info(((struct type *)0)->field, 5); \
  })
