// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "established.h"

// The table of listeners.

static u64 listener_node, lhash_at;

static long count_listener(u32 number, void *context) {
  STEP();
  if (listener_node & 1) return 1;
  u64 socket = listener_node - OFFSET(sock_common, skc_nulls_node.next);
  int place = namespace_place(word(socket + OFFSET(sock_common, skc_net.net)));
  if (place >= 0) {
    u32 slot = namespaces.table[MASKED(place, COUNTS_NAMESPACE_TABLE - 1)].slot;
    u16 port = READ(sock_common, socket, skc_num);
    u32 six = 0;
    if (READ(sock_common, socket, skc_family) == AF_INET6) {
      u64 source = socket + OFFSET(sock_common, skc_v6_rcv_saddr);
      six = !is_mapped(word(source), word(source + 8));
    }
    count_socket(slot, six, TCP_LISTEN, port);
    u16 *flags = port_flags(place, slot, port);
    if (flags && *flags & COUNTS_POOL)
      *flags |= COUNTS_LISTENER | (READ_BITS(sock, socket, sk_userlocks) & SOCK_BINDPORT_LOCK ? COUNTS_CHOSEN_LISTENER : 0);
  }
  listener_node = word(listener_node);
  return 0;
}

static long count_listen_bucket(u32 number, void *context) {
  if (budget < 4096) {
    stopped_at = number;
    return 1;
  }
  STEP();
  listener_node = word(lhash_at + (u64)number * SIZE(inet_listen_hashbucket) + OFFSET(inet_listen_hashbucket, nulls_head.first));
  if (!(listener_node & 1)) bpf_loop(65536, count_listener, 0, 0);
  return 0;
}

/// Counts the listeners in `context[2]` buckets from `context[1]` on, of the table at `context[0]`. Returns how many buckets it did.
SEC("raw_tp") int count_listeners(u64 *context) {
  budget = BUDGET;
  lhash_at = context[0] + context[1] * SIZE(inet_listen_hashbucket);
  last_net = 0;
  stopped_at = context[2];
  bpf_loop(context[2], count_listen_bucket, 0, 0);
  return stopped_at;
}
