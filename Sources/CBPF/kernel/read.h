// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "kern.h"

// Reads the kernel's memory, which may have been freed or reused by now. No load faults, and whatever comes back is only ever treated as a number.

// Bounded does not mean short: nested loops over a damaged list could keep a processor busy for hours. So a run may take this many steps and no
// more, every callback takes one, and the run says how far it got. This many take a few milliseconds.
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
// A failed read takes as long as many others, and is a sign that something is wrong.
#define FAULT 256

/// Whether an address can be a kernel address: these are in the upper half.
INLINE bool is_kernel(u64 at) { return (s64)at < 0; }

#ifdef PROBE
// With a call for each field (Linux 5.17 to 6.1).
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
// With a load that the kernel guards (Linux 6.2 and newer).
extern void *bpf_rdonly_cast(const void *object, u32 type) __attribute__((section(".ksyms")));
#define READ(type, at, field) (((struct type *)bpf_rdonly_cast((void *)(at), TYPE_ID(type)))->field)
INLINE u64 word_at(u64 at) { return READ(timespec64, at, tv_sec); }
INLINE u64 word(u64 at) {
  if (is_kernel(at)) return word_at(at);
  spend(FAULT);
  return 1;
}
#endif

// A field that some kernels keep in a few bits of a word, wherever that is in this one.
#define READ_BITS(type, at, field) \
  ({ \
    u64 value_ = 0; \
    bpf_probe_read_kernel( \
        &value_, __builtin_preserve_field_info(((struct type *)0)->field, 1), \
        (void *)((at) + __builtin_preserve_field_info(((struct type *)0)->field, 0))); \
    value_ <<= __builtin_preserve_field_info(((struct type *)0)->field, 4); \
    value_ >> __builtin_preserve_field_info(((struct type *)0)->field, 5); \
  })
