// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "addresses.h"

// The tables of ports in use. The search of connect() passes over a port whose bucket says that a program bound it, and asks nothing else of it: the
// same two bytes are read here. Kernel: `__inet_hash_connect` in `net/ipv4/inet_hashtables.c`.

static u64 bind_node;
static u8 is_stopped;

// Enough for a group of buckets and its first chain, so that every run makes progress.
#define GROUP_AND_CHAIN (GATHERED + 2 * HELD + 256)

/// Whether any bucket of the group has a chain. If so, everything on those chains is fetched side by side first; they are then walked one by one.
INLINE bool fetch_group() {
  live = 0;
#ifdef PROBE
  bpf_loop(SIDE / HEADS, load_heads, 0, 0);
  return live;
#else
  bpf_loop(1, gather, 0, 0);
  return held_count;
#endif
}

static long note_bucket(u32 number, void *context) {
  STEP();
  if (!bind_node) return 1;
  u64 at = bind_node - OFFSET(inet_bind_bucket, node.next);
  int place = namespace_place(word(at + OFFSET(inet_bind_bucket, ib_net.net)));
  if (place >= 0) {
    u32 slot = namespaces.table[MASKED(place, COUNTS_NAMESPACE_TABLE - 1)].slot;
    u32 vrf = READ(inet_bind_bucket, at, l3mdev), port = MASKED(READ(inet_bind_bucket, at, port), 0xffff);
    u16 *flags_of_port = port_flags(place, slot, port);
    if (flags_of_port) {
      u16 flags = vrf ? COUNTS_USED_IN_VRF : COUNTS_USED;
      bool is_bound = READ(inet_bind_bucket, at, fastreuse) >= 0 || READ(inet_bind_bucket, at, fastreuseport) >= 0;
      if (is_bound && vrf) {
        close_in_vrf(vrf, slot, port);
      } else if (is_bound) {
        flags |= COUNTS_BLOCKED;
      }
      *flags_of_port |= flags;
    }
  }
  bind_node = word(bind_node);
  return 0;
}

/// The first node of one of the group's chains, or 0. If the budget is spent, the next run starts with that chain.
INLINE u64 first_node(u32 number) {
  u32 own = bucket + number;
  if (own >= end_bucket) return 0;
  if (budget < HELD) {
    bucket = own;
    is_stopped = 1;
    return 0;
  }
  return word(heads + (u64)own * head_size);
}

static long note_bind_head(u32 number, void *context) {
  STEP();
  bind_node = first_node(number);
  if (bind_node) bpf_loop(65536, note_bucket, 0, 0);
  return MASKED(is_stopped, 1);
}

static long note_bind_group(u32 number, void *context) {
  if (budget < GROUP_AND_CHAIN) return 1;
  STEP();
  if (fetch_group()) bpf_loop(SIDE, note_bind_head, 0, 0);
  if (is_stopped) return 1;
  bucket += SIDE;
  return 0;
}

/// Starts on `count` buckets of the table at `at`, beginning with `first`.
INLINE void begin_binds(u64 at, u64 first, u64 count, u32 offset) {
  budget = BUDGET;
  follow_from(at + OFFSET(inet_bind_hashbucket, chain.first), SIZE(inet_bind_hashbucket), offset, 0, first, count);
  last_net = 0;
  is_stopped = 0;
}

/// How many of the `count` buckets from `first` on are done.
INLINE int binds_done(u64 first, u64 count) {
  u64 done = bucket - (u32)first;
  return done < count ? done : count;
}

/// Notes the ports in `context[2]` buckets from `context[1]` on, of the table at `context[0]`. Returns how many buckets it did.
SEC("raw_tp") int count_binds(u64 *context) {
  u64 first = context[1], count = context[2];
  begin_binds(context[0], first, count, OFFSET(inet_bind_bucket, node.next));
  bpf_loop((count + SIDE - 1) / SIDE, note_bind_group, 0, 0);
  return binds_done(first, count);
}

// The same by local address: which addresses a port is used on, sockets that are bound but not connected, and ports that programs chose themselves.

// How many sockets of a list are looked at, newest first. Further down are the connections that a listener has accepted.
#define OWNERS 256

static u64 address_node, owner_node;
static u32 address_slot, address_port;
static u16 address_flags;
static u8 address_is_ipv6, meets_ipv4, is_blocked_there;

/// The socket that a node on an address's list of owners belongs to.
INLINE u64 owner_of(u64 node) {
  return node - (HAS(sock, sk_bind2_node) ? OFFSET(sock, sk_bind2_node.next) : OFFSET(sock_common, skc_bind_node.next));
}

static long look_at_owner(u32 number, void *context) {
  STEP();
  if (!owner_node) return 1;
  u64 socket = owner_of(owner_node);
  u8 state = READ(sock_common, socket, skc_state);
  // For a port outside the pool, all that matters is which sockets are bound but not connected.
  bool is_pool = address_flags & COUNTS_POOL;
  if (is_pool && !meets_ipv4 && !READ_BITS(sock_common, socket, skc_ipv6only)) meets_ipv4 = 1;
  if (!is_blocked_there) {
    if (meets_ipv4) return 1;
  } else if (state == TCP_CLOSE) {
    count_socket(address_slot, address_is_ipv6, TCP_CLOSE, address_port);
    address_flags |= COUNTS_BOUND;
  } else if (is_pool && !(address_flags & COUNTS_BOUND) && state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV && state != TCP_LISTEN) {
    if (READ_BITS(sock, socket, sk_userlocks) & SOCK_BINDPORT_LOCK) address_flags |= COUNTS_BOUND;
  }
  owner_node = word(owner_node);
  return 0;
}

static long note_address_bucket(u32 number, void *context) {
  STEP();
  if (!address_node) return 1;
  u64 at = address_node - OFFSET(inet_bind2_bucket, node.next);
  address_node = word(address_node);
  int place = namespace_place(word(at + OFFSET(inet_bind2_bucket, ib_net.net)));
  if (place < 0) return 0;
  address_slot = namespaces.table[MASKED(place, COUNTS_NAMESPACE_TABLE - 1)].slot;
  address_port = READ(inet_bind2_bucket, at, port);
  u32 port = MASKED(address_port, 0xffff), vrf = READ(inet_bind2_bucket, at, l3mdev);
  u16 *flags_of_port = port_flags(place, address_slot, port);
  if (!flags_of_port) return 0;
  address_flags = *flags_of_port;
  is_blocked_there = vrf ? is_closed_in_vrf(vrf, address_slot, port) : (address_flags & COUNTS_BLOCKED) != 0;
  if (!(address_flags & COUNTS_POOL) && !is_blocked_there) return 0;
  u64 address = at + OFFSET(inet_bind2_bucket, v6_rcv_saddr), first, second;
  // Before Linux 6.8 an IPv4 address is not mapped.
  if (HAS(inet_bind2_bucket, family) && READ(inet_bind2_bucket, at, family) == AF_INET) {
    first = 0;
    second = ((u64)READ(inet_bind2_bucket, at, rcv_saddr) << 32) | 0xffff0000;
  } else {
    first = word(address);
    second = word(address + 8);
  }
  bool mapped = is_mapped(first, second);
  address_is_ipv6 = !mapped;
  meets_ipv4 = mapped;
  if (is_blocked_there || !mapped) {
    owner_node = word(at + OFFSET(inet_bind2_bucket, owners.first));
    // Only TIME_WAIT sockets, which kernels before 6.8 keep elsewhere. What they conflict with is unknown, so assume everything.
    if (!owner_node) meets_ipv4 = 1;
    bpf_loop(OWNERS, look_at_owner, 0, 0);
    if (owner_node && is_blocked_there) totals.long_lists++;
  }
  if (!(address_flags & COUNTS_POOL)) return 0;
  if (vrf) {
    // This flag tells who bound the port outside of the VRF, so leave it to them.
    if (!(address_flags & COUNTS_BLOCKED)) *flags_of_port |= address_flags;
    return 0;
  }
  if (meets_ipv4) address_flags |= COUNTS_MEETS_IPV4;
  note_address(first, second, address_slot, address_port, meets_ipv4);
  *flags_of_port |= address_flags;
  return 0;
}

#ifndef PROBE
static u64 owners[HELD];
static u32 owner_count;

/// Remembers the first socket of an address if it will be looked at later.
static long find_owner(u32 number, void *context) {
  STEP();
  u64 at = held[number & (HELD - 1)].node - node_offset;
  int place = namespace_place(word(at + OFFSET(inet_bind2_bucket, ib_net.net)));
  if (place < 0) return 0;
  u32 slot = namespaces.table[MASKED(place, COUNTS_NAMESPACE_TABLE - 1)].slot;
  u16 *flags = port_flags(place, slot, MASKED(READ(inet_bind2_bucket, at, port), 0xffff));
  bool may_be_ipv6 = !HAS(inet_bind2_bucket, family) && (u32)word(at + OFFSET(inet_bind2_bucket, v6_rcv_saddr) + 8) != 0xffff0000;
  if (!flags || !(*flags & COUNTS_BLOCKED || may_be_ipv6)) return 0;
  u64 owner = word(at + OFFSET(inet_bind2_bucket, owners.first));
  if (!is_kernel(owner)) return 0;
  owners[owner_count & (HELD - 1)] = owner;
  owner_count++;
  return 0;
}

/// Fetches a socket without waiting for it. Do nothing else here: the processor only overlaps these fetches while the loop stays this short.
static long touch_owner(u32 number, void *context) {
  STEP();
  sink += word(owners[number & (HELD - 1)]);
  return 0;
}
#endif

static long note_address_head(u32 number, void *context) {
  STEP();
  address_node = first_node(number);
  if (address_node) bpf_loop(65536, note_address_bucket, 0, 0);
  return MASKED(is_stopped, 1);
}

static long note_address_group(u32 number, void *context) {
  if (budget < GROUP_AND_CHAIN) return 1;
  STEP();
  if (fetch_group()) {
#ifndef PROBE
    owner_count = 0;
    bpf_loop(held_count, find_owner, 0, 0);
    bpf_loop(owner_count, touch_owner, 0, 0);
#endif
    bpf_loop(SIDE, note_address_head, 0, 0);
  }
  if (is_stopped) return 1;
  bucket += SIDE;
  return 0;
}

/// Notes the addresses in `context[2]` buckets from `context[1]` on, of the table at `context[0]`, after ``count_binds``. Returns how many buckets it did.
SEC("raw_tp") int count_addresses(u64 *context) {
  u64 first = context[1], count = context[2];
  begin_binds(context[0], first, count, OFFSET(inet_bind2_bucket, node.next));
  bpf_loop((count + SIDE - 1) / SIDE, note_address_group, 0, 0);
  return binds_done(first, count);
}
