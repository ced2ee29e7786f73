// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "binds.h"

// The table of UDP sockets by port. It can have as many lists as there are ports, most of them empty, so the heads of eight are read at a time.
//
// Nothing is locked. A socket that is closed and bound again leads from one list into another, but its port gives it away, and the kernel keeps each
// list's length: one that changes while it is being followed is followed again. Kernel: `udp_lib_get_port` in `net/ipv4/udp.c`.

#define UDP_TOGETHER 8
// How many sockets of a list are collected before they are looked at.
#define UDP_HELD 4096

static u64 udp_hash, udp_node, udp_net;
static u32 udp_mask, udp_first, udp_base, udp_list, udp_mix;
static u32 udp_met, udp_held, udp_strays, udp_torn;
static u32 udp_is_counted;
static u64 udp_sockets[UDP_HELD];

/// Whether a socket belongs to the list that is being followed; also sets whether its namespace is counted.
APART int is_in_udp_list(u64 socket) {
  u64 net = word(socket + OFFSET(sock_common, skc_net.net));
  if (net != udp_net) {
    udp_net = net;
    udp_mix = is_kernel(net) ? READ(net, net, hash_mix) : 0;
    udp_is_counted = namespace_place(net) >= 0;
  }
  return ((READ(sock_common, socket, skc_num) + udp_mix) & udp_mask) == udp_list;
}

static long hold_udp(u32 number, void *context) {
  if (!budget || !is_kernel(udp_node)) return 1;
  budget--;
  u64 socket = udp_node - OFFSET(sock_common, skc_node.next);
  udp_node = word(udp_node);
  if (!is_in_udp_list(socket)) {
    udp_strays++;
    return 0;
  }
  udp_met++;
  if (!udp_is_counted) return 0;
  u32 index = udp_held & (UDP_HELD - 1);
  udp_sockets[index] = socket;
  udp_held++;
  return 0;
}

static long gather_udp(u32 number, void *context) {
  u64 at = udp_hash + (u64)udp_list * SIZE(udp_hslot);
  udp_node = word(at + OFFSET(udp_hslot, head.first));
  udp_met = udp_held = udp_strays = 0;
  bpf_loop(UDP_HELD, hold_udp, 0, 0);
  u32 length = READ(udp_hslot, at, count);
  udp_torn = udp_node || udp_strays || udp_met != length;
  return !budget || !udp_torn;
}

/// Records who holds a port that its program chose.
APART int note_udp_holder(u64 socket, u32 slot, u32 port) {
  u32 number = totals.udp_holders;
  struct counts_udp_holder *holder = bpf_map_lookup_elem(&udp_holders, &number);
  if (!holder) {
    struct counts_slot *own = bpf_map_lookup_elem(&slots, &slot);
    if (own) own->lost_udp_holders++;
    return 0;
  }
  u64 file = word(socket + OFFSET(sock, sk_socket));
  holder->inode = is_kernel(file) ? word(file + OFFSET(socket_alloc, vfs_inode.i_ino)) : 0;
  holder->uid = READ(sock, socket, sk_uid.val);
  holder->port = port;
  holder->slot = slot;
  totals.udp_holders = number + 1;
  return 1;
}

static long count_udp_socket(u32 number, void *context) {
  STEP();
  u64 socket = udp_sockets[number & (UDP_HELD - 1)];
  int place = namespace_place(word(socket + OFFSET(sock_common, skc_net.net)));
  u32 port = READ(sock_common, socket, skc_num);
  if (place < 0 || !port) {
    totals.moved++;
    return 0;
  }
  u32 slot = namespaces.table[MASKED(place, COUNTS_NAMESPACE_TABLE - 1)].slot;
  bool is_connected = READ(sock_common, socket, skc_state) == TCP_ESTABLISHED;
  u64 d0 = 0, d1 = ((u64)READ(sock_common, socket, skc_daddr) << 32) | 0xffff0000;
  u32 six = 0, meets_ipv4 = 1;
  if (READ(sock_common, socket, skc_family) == AF_INET6) {
    u64 source = socket + OFFSET(sock_common, skc_v6_rcv_saddr);
    six = !is_mapped(word(source), word(source + 8));
    meets_ipv4 = !READ_BITS(sock_common, socket, skc_ipv6only);
    d0 = word(socket + OFFSET(sock_common, skc_v6_daddr));
    d1 = word(socket + OFFSET(sock_common, skc_v6_daddr) + 8);
  }
  u32 class = settings.class_of[MASKED(port, 0xffff)], block = slot * settings.blocks + class / COUNTS_BLOCK_CLASSES;
  struct counts_states *counts = bpf_map_lookup_elem(&states, &block);
  if (counts) counts->udp[MASKED(six, 1)][is_connected][MASKED(class, COUNTS_BLOCK_CLASSES - 1)]++;
  struct counts_namespace *found = &namespaces.found[namespaces.table[MASKED(place, COUNTS_NAMESPACE_TABLE - 1)].index & (COUNTS_NAMESPACES - 1)];
  // Ports that nobody asks about get no page.
  if (port < found->first_port || port > found->last_port) return 0;
  u16 *flags_of_port = port_flags(place, slot, port);
  if (!flags_of_port) return 0;
  u16 flags = *flags_of_port;
  if (!(flags & COUNTS_POOL)) return 0;
  if (meets_ipv4) flags |= COUNTS_UDP_MEETS_IPV4;
  if (six) flags |= COUNTS_UDP_MEETS_IPV6;
  if (is_connected) {
    bool is_local = is_mapped(d0, d1) ? is_loopback4(d1 >> 32) : is_loopback6(d0, d1);
    if (!is_local) is_local = is_own(d0, d1, slot);
    flags |= is_local ? COUNTS_UDP_LOCAL : COUNTS_UDP_CLIENT;
  } else {
    flags |= COUNTS_UDP_BOUND;
    if (READ_BITS(sock, socket, sk_userlocks) & SOCK_BINDPORT_LOCK) note_udp_holder(socket, slot, port);
  }
  *flags_of_port = flags;
  return 0;
}

/// Counts the sockets in one list. Returns 1 without having counted any if there are not enough steps left.
APART int count_udp_list(u32 number) {
  udp_list = number;
  bpf_loop(4, gather_udp, 0, 0);
  if (budget < 2 * UDP_HELD) return 1;
  if (udp_torn) {
    totals.torn++;
    // Lists this long do not occur in a table of a sensible size.
    if (udp_node) totals.out_of_budget = 1;
  }
  bpf_loop(udp_held, count_udp_socket, 0, 0);
  return 0;
}

static long count_udp_lists(u32 number, void *context) {
  u32 first = udp_base + number * UDP_TOGETHER;
  if (budget < 4 * UDP_HELD) {
    stopped_at = first - udp_first;
    return 1;
  }
  STEP();
  u64 at = udp_hash + (u64)first * SIZE(udp_hslot) + OFFSET(udp_hslot, head.first), heads = 0;
#pragma unroll
  for (int i = 0; i < UDP_TOGETHER; i++) heads |= word(at + i * SIZE(udp_hslot));
  if (!heads) return 0;
  for (u32 i = 0; i < UDP_TOGETHER; i++) {
    u32 list = first + i;
    // The last run got this far.
    if (list < udp_first) continue;
    if (count_udp_list(list)) {
      stopped_at = list - udp_first;
      return 1;
    }
  }
  return 0;
}

/// Counts the sockets in `context[3]` lists from `context[2]` on, of the table at `context[0]` with the mask `context[1]`. Returns how many lists it did.
SEC("raw_tp") int count_udp(u64 *context) {
  budget = BUDGET;
  udp_hash = context[0];
  udp_mask = context[1];
  udp_first = context[2];
  udp_base = udp_first & ~(UDP_TOGETHER - 1);
  u32 count = context[3];
  last_net = 0;
  udp_net = 0;
  stopped_at = count;
  bpf_loop((udp_first - udp_base + count + UDP_TOGETHER - 1) / UDP_TOGETHER, count_udp_lists, 0, 0);
  return stopped_at;
}

/// Copies where the lists of the UDP table at `context[0]` are.
SEC("raw_tp") int copy_udp_table(u64 *context) {
  copied.udp_hash = word(context[0] + OFFSET(udp_table, hash));
  copied.udp_mask = READ(udp_table, context[0], mask);
  return 0;
}
