// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "kern.h"

// Reading the kernel's memory, which may be freed or be something else by now: no load faults, and whatever it gives is taken for what it may be, a number.

#ifdef PROBE
// By a call for each field (Linux 5.17 to 6.1).
#define READ(type, at, field) \
  ({ \
    typeof(((struct type *)0)->field) value_ = 0; \
    bpf_probe_read_kernel(&value_, sizeof value_, (void *)((at) + OFFSET(type, field))); \
    value_; \
  })
/// A word; odd, which ends every list, where it cannot be read.
INLINE u64 word(u64 at) {
  u64 value = 1;
  bpf_probe_read_kernel(&value, 8, (void *)at);
  return value;
}
#else
// By a load, which the kernel guards (Linux 6.2 and newer).
extern void *bpf_rdonly_cast(const void *object, u32 type) __attribute__((section(".ksyms")));
#define READ(type, at, field) (((struct type *)bpf_rdonly_cast((void *)(at), TYPE_ID(type)))->field)
INLINE u64 word(u64 at) { return READ(timespec64, at, tv_sec); }
#endif

/// Whether the socket meets no IPv4 socket: a bit, whose place in its word is the kernel's affair.
INLINE bool is_ipv6_only(u64 socket) {
#define BITS(what) __builtin_preserve_field_info(((struct sock_common *)0)->skc_ipv6only, what)
  u64 value = 0;
  bpf_probe_read_kernel(&value, BITS(1), (void *)(socket + BITS(0)));
  return value << BITS(4) >> BITS(5);
#undef BITS
}

// A bounded loop is not a short one: loops within loops over a damaged list could hold a processor for hours. So a run may take so many steps and no
// more, each callback takes one, and the run says how far it came. This many take some milliseconds.
#define BUDGET (1 << 15)
static u32 budget;
#define STEP() \
  ({ \
    if (!budget) { \
      totals.out_of_budget = 1; \
      return 1; \
    } \
    budget--; \
  })
