// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "devices.h"

// The table of connections. Nothing is locked: a chain that changes while it is being followed is followed again, and a socket whose hash belongs to another
// bucket has been freed and reused, and is counted where it is now.

/// Counts one socket, found in `in_bucket`.
INLINE void count_connection(u64 socket, u32 in_bucket) {
#ifdef PROBE
  char copy[112];
  if (bpf_probe_read_kernel(copy, sizeof copy, (void *)socket)) {
    spend(FAULT);
    totals.unreadable++;
    return;
  }
#define COMMON(type, field) (*(type *)(copy + OFFSET(sock_common, field)))
#else
#define COMMON(type, field) ((type)READ(sock_common, socket, field))
#endif
#define COMMON_WORD(at) word(socket + (at))
  if ((COMMON(u32, skc_hash) & ehash_mask) != in_bucket) {
    totals.moved++;
    return;
  }
#ifdef PROBE
  int place = namespace_place(*(u64 *)(copy + OFFSET(sock_common, skc_net.net)));
#else
  int place = namespace_place(COMMON_WORD(OFFSET(sock_common, skc_net.net)));
#endif
  if (place < 0) return;
  u32 slot = namespaces.table[MASKED(place, COUNTS_NAMESPACE_TABLE - 1)].slot;
  u16 port = COMMON(u16, skc_num), remote_port = COMMON(u16, skc_dport), family = COMMON(u16, skc_family);
  u8 state = COMMON(u8, skc_state);
  u32 source4 = COMMON(u32, skc_rcv_saddr), destination4 = COMMON(u32, skc_daddr);
  u64 s0 = 0, s1 = ((u64)source4 << 32) | 0xffff0000, d0 = 0, d1 = ((u64)destination4 << 32) | 0xffff0000;
  u32 six = 0;
  if (family == AF_INET6) {
#ifdef PROBE
    u64 *destination = (u64 *)(copy + OFFSET(sock_common, skc_v6_daddr)), *source = (u64 *)(copy + OFFSET(sock_common, skc_v6_rcv_saddr));
    d0 = destination[0];
    d1 = destination[1];
    s0 = source[0];
    s1 = source[1];
#else
    d0 = COMMON_WORD(OFFSET(sock_common, skc_v6_daddr));
    d1 = COMMON_WORD(OFFSET(sock_common, skc_v6_daddr) + 8);
    s0 = COMMON_WORD(OFFSET(sock_common, skc_v6_rcv_saddr));
    s1 = COMMON_WORD(OFFSET(sock_common, skc_v6_rcv_saddr) + 8);
#endif
    six = !is_mapped(d0, d1);
  }
  // A TIME_WAIT has a separate field that says whether it is really an orphaned FIN_WAIT2.
  u32 shown = state & (COUNTS_STATES - 1);
  if (state == TCP_TIME_WAIT) shown = READ(inet_timewait_sock, socket, tw_substate) & (COUNTS_STATES - 1);
  if (state == TCP_NEW_SYN_RECV) shown = TCP_SYN_RECV;
  if (!settings.tuples_only) count_socket(slot, six, shown, port);
  u16 *flags_of_port = port_flags(place, slot, port);
  if (!flags_of_port) return;
  u16 flags = *flags_of_port;
  if (!(flags & COUNTS_POOL)) return;
  // Another device is another tuple.
  u32 device = COMMON(u32, skc_bound_dev_if), device_entry = 0;
  bool is_closed = flags & COUNTS_BLOCKED;
  if (device) {
    device_entry = device_number(device, slot, namespaces.table[MASKED(place, COUNTS_NAMESPACE_TABLE - 1)].address);
    is_closed = !device_entry || is_closed_on(device_entry, slot, port, is_closed);
  }
  struct counts_tuple *tuple = 0;
  u64 rest = ((u64)device_entry << 32) | ((u32)remote_port << 16) | slot;
  if (!is_closed) tuple = tuple_counts(six ? tuple6(s0, s1, d0, d1, rest) : tuple4(source4, destination4, rest), six);
  if (tuple) {
    u32 first_port = namespaces.found[namespaces.table[MASKED(place, COUNTS_NAMESPACE_TABLE - 1)].index & (COUNTS_NAMESPACES - 1)].first_port;
    bool is_first = !((port ^ first_port) & 1);
    u32 end = NEVER;
    if (state == TCP_TIME_WAIT && shown == TCP_TIME_WAIT)
      end = end_of_wait(socket, place, device == LOOPBACK_DEVICE || (six ? is_loopback6(d0, d1) || is_loopback6(s0, s1)
                                                                         : is_loopback4(destination4) || is_loopback4(source4)));
    count_port(tuple, end, is_first);
    met_six = six;
    u32 overlap = device ? find_overlap(socket, ehash + (u64)in_bucket * SIZE(inet_ehash_bucket), place, device_entry, end) : 0;
    if (overlap) {
      rest |= COUNTS_OVERLAP;
      tuple = tuple_counts(six ? tuple6(s0, s1, d0, d1, rest) : tuple4(source4, destination4, rest), six);
      if (tuple) count_port(tuple, overlap, is_first);
    }
  }
  if (state == TCP_TIME_WAIT) return;
  if (settings.tuples_only) return;
  // A connection request has no owner yet, and a connection that its program has closed no longer has one.
  if (state == TCP_NEW_SYN_RECV) return;
  if (state != TCP_ESTABLISHED && state != TCP_SYN_SENT && !word(socket + OFFSET(sock, sk_socket))) return;
  bool is_local = six ? is_loopback6(d0, d1) : is_loopback4(destination4);
  if (!is_local) is_local = is_own(d0, d1, slot);
  *flags_of_port = flags | (is_local ? COUNTS_LOCAL : COUNTS_CLIENT);
}

static long look(u32 number, void *context) {
  STEP();
  u32 index = number & (HELD - 1);
  count_connection(held[index].node - OFFSET(sock_common, skc_nulls_node.next), held[index].bucket);
  return 0;
}

static long count_group(u32 number, void *context) {
  // Enough for the most that a group of buckets can take, so that one is never left half done.
  if (budget < 4 * HELD) {
    stopped_at = number * SIDE;
    return 1;
  }
  bpf_loop(4, gather, 0, 0);
  // Chains this long do not occur in a table of a sensible size.
  totals.unreadable += live;
  totals.torn += torn;
  bpf_loop(held_count, look, 0, 0);
  bucket += SIDE;
  return 0;
}

/// Counts the sockets in `context[3]` buckets from `context[2]` on, of the table at `context[0]` with the mask `context[1]`. Returns how many buckets it did.
SEC("raw_tp") int count_established(u64 *context) {
  budget = BUDGET;
  ehash = context[0];
  ehash_mask = context[1];
  u32 count = context[3];
  follow_from(ehash, SIZE(inet_ehash_bucket), OFFSET(sock_common, skc_nulls_node.next), 1, context[2], count);
  now_ticks = bpf_jiffies64();
  now_milliseconds = bpf_ktime_get_ns() / 1000000;
  last_net = 0;
  stopped_at = count;
  bpf_loop((count + SIDE - 1) / SIDE, count_group, 0, 0);
  return stopped_at;
}
