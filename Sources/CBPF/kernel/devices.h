// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "chains.h"
#include "own.h"

// Sockets that are bound to a device. A connect() there meets the sockets of its device and those on none, and of the ones on the same port the kernel
// only asks the first in the chain: unless that is a TIME_WAIT it can take over, the port is refused. So tuples are counted by device, user space adds
// up those that a connect() would meet, and the ports which that sum would count twice are found here.
//
// VRFs have ports of their own, unless `tcp_l3mdev_accept` is set. A connect() on a VRF meets the sockets on it, and one on a device in it those on both.
//
// Kernel: `__inet_check_established` in `net/ipv4/inet_hashtables.c`, `inet_sk_bound_dev_eq` in `include/net/inet_sock.h`.

static u64 ehash, ehash_mask, now_ticks, now_milliseconds;

enum { LOOPBACK_DEVICE = 1 };

static u64 index_node, device_at;
static u32 wanted_device;

static long find_device(u32 number, void *context) {
  STEP();
  if (!is_kernel(index_node)) return 1;
  u64 at = index_node - OFFSET(net_device, index_hlist.next);
  if (READ(net_device, at, ifindex) == wanted_device) {
    device_at = at;
    return 1;
  }
  index_node = word(index_node);
  return 0;
}

/// The VRF that a device is or is in; 0 for none. Kernel: `l3mdev_master_ifindex_by_index` in `net/l3mdev/l3mdev.c`.
APART u32 vrf_of(u64 net, u32 device) {
  if (!HAS(netns_ipv4, sysctl_tcp_l3mdev_accept)) return 0;
  index_node = word(word(net + OFFSET(net, dev_index_head)) + (device & 255) * SIZE(hlist_head));
  device_at = 0;
  wanted_device = device;
  bpf_loop(4096, find_device, 0, 0);
  if (!device_at) return 0;
  u64 flags = READ_BITS(net_device, device_at, priv_flags);
  if (flags & ENUM_VALUE(netdev_priv_flags, IFF_L3MDEV_MASTER)) return device;
  if (!(flags & ENUM_VALUE(netdev_priv_flags, IFF_L3MDEV_SLAVE))) return 0;
  u64 list = device_at + OFFSET(net_device, adj_list.upper), first = word(list);
  if (first == list || !is_kernel(first)) return 0;
  u64 above = first - OFFSET(netdev_adjacent, list);
  return READ(netdev_adjacent, above, master) ? READ(net_device, word(above + OFFSET(netdev_adjacent, dev)), ifindex) : 0;
}

/// The number of a device's entry, counting from 1; 0 if there is no room for it.
APART u32 device_number(u32 device, u32 slot, u64 net) {
  u32 hash = mixed(device, slot), generation = settings.generation;
  u16 short_slot = slot;
  for (int probe = 0; probe < PROBES; probe++) {
    u32 index = (hash + probe) & (COUNTS_DEVICES - 1);
    struct counts_device *entry = bpf_map_lookup_elem(&devices, &index);
    if (!entry) return 0;
    if (entry->generation == generation) {
      if (entry->number == device && entry->slot == short_slot) return index + 1;
      continue;
    }
    entry->number = device;
    entry->slot = slot;
    u32 vrf = vrf_of(net, device);
    entry->vrf = vrf;
    entry->meets_none = !vrf || READ(net, net, ipv4.sysctl_tcp_l3mdev_accept);
    entry->generation = generation;
    return index + 1;
  }
  struct counts_slot *own = bpf_map_lookup_elem(&slots, &slot);
  if (own) own->lost_devices++;
  return 0;
}

/// Notes that a port is closed to connect() in a VRF.
APART int close_in_vrf(u32 vrf, u32 slot, u32 port) {
  u32 hash = mixed(vrf, (slot << 16) | port);
  u16 short_slot = slot, short_port = port;
  if (totals.vrf_ports < COUNTS_VRF_PORTS / 2) {
    for (int probe = 0; probe < PROBES; probe++) {
      u32 index = (hash + probe) & (COUNTS_VRF_PORTS - 1);
      struct counts_vrf_port *entry = bpf_map_lookup_elem(&vrf_ports, &index);
      if (!entry) return 0;
      if (entry->vrf == vrf && entry->slot == short_slot && entry->port == short_port) return 1;
      if (entry->vrf) continue;
      entry->slot = slot;
      entry->port = port;
      entry->vrf = vrf;
      totals.vrf_ports++;
      return 1;
    }
  }
  struct counts_slot *own = bpf_map_lookup_elem(&slots, &slot);
  if (own) own->lost_vrf_ports++;
  return 0;
}

/// Whether a port is closed to connect() in a VRF.
APART int is_closed_in_vrf(u32 vrf, u32 slot, u32 port) {
  u32 hash = mixed(vrf, (slot << 16) | port);
  u16 short_slot = slot, short_port = port;
  for (int probe = 0; probe < PROBES; probe++) {
    u32 index = (hash + probe) & (COUNTS_VRF_PORTS - 1);
    struct counts_vrf_port *entry = bpf_map_lookup_elem(&vrf_ports, &index);
    if (!entry || !entry->vrf) return 0;
    if (entry->vrf == vrf && entry->slot == short_slot && entry->port == short_port) return 1;
  }
  return 0;
}

/// Whether a port is closed to connect() on a device, which has the entry `number`.
INLINE bool is_closed_on(u32 number, u32 slot, u32 port, bool is_blocked) {
  u32 index = number - 1;
  struct counts_device *entry = bpf_map_lookup_elem(&devices, &index);
  if (!entry || entry->meets_none) return is_blocked;
  return is_closed_in_vrf(entry->vrf, slot, port);
}

// How long a socket keeps its port: within which of 5, 15, 30 and 60 seconds it returns, or NEVER; plus whether connect() would take it over right now.
// A single number, because the verifier follows one more easily than two.
enum { WITHIN = 7, NEVER = 4, REUSABLE = 8 };

/// For a TIME_WAIT that is not a FIN_WAIT2. Kernel: `tcp_twsk_unique` in `net/ipv4/tcp_ipv4.c`.
APART u32 end_of_wait(u64 socket, u32 place, u32 is_loopback) {
  struct counts_namespace *own = &namespaces.found[namespaces.table[MASKED(place, COUNTS_NAMESPACE_TABLE - 1)].index & (COUNTS_NAMESPACES - 1)];
  s64 left = READ(inet_timewait_sock, socket, tw_timer.expires) - now_ticks;
  u32 ticks = settings.ticks;
  u32 end = left <= 5 * (s64)ticks ? 0 : left <= 15 * (s64)ticks ? 1 : left <= 30 * (s64)ticks ? 2 : 3;
  if (own->time_wait_reuse != 1 && !(own->time_wait_reuse == 2 && is_loopback)) return end;
  u32 stamp = READ(tcp_timewait_sock, socket, tw_ts_recent_stamp);
  if (!stamp) return end;
  // Since Linux 6.16 in milliseconds, before that in whole seconds.
  bool is_old = HAS(inet_timewait_sock, tw_entry_stamp)
                    ? (u32)((u32)now_milliseconds - READ(inet_timewait_sock, socket, tw_entry_stamp)) > own->time_wait_delay
                    : (s32)((u32)(now_milliseconds / 1000) - stamp) > 0;
  return is_old ? end | REUSABLE : end;
}

// How many sockets of a chain are looked at, and how many steps must be left for it.
#define OVERLAPS 512
#define ENOUGH (HELD + 2 * OVERLAPS)

static u64 met_node, met_socket;
static u32 met_place;
static u8 met_six, met_own, met_others, own_is_first, met_none;
/// The VRF that ``met_socket``'s device is in, unless the device is the VRF.
static u32 met_vrf;
/// How the first of the others ends, and when the last one does.
static u32 first_end, last_within;

/// Whether a socket is one that a connect() of ``met_socket`` would meet. Kernel: `inet_match`, `inet6_match`.
APART int is_met(u64 socket) {
  if (READ(sock_common, socket, skc_hash) != READ(sock_common, met_socket, skc_hash)) return 0;
  u32 device = READ(sock_common, socket, skc_bound_dev_if);
  if (device ? device != met_vrf : !met_none) return 0;
  if (READ(sock_common, socket, skc_dport) != READ(sock_common, met_socket, skc_dport)) return 0;
  if (READ(sock_common, socket, skc_num) != READ(sock_common, met_socket, skc_num)) return 0;
  u64 net = OFFSET(sock_common, skc_net.net);
  if (word(socket + net) != word(met_socket + net)) return 0;
  if (!met_six)
    return READ(sock_common, socket, skc_daddr) == READ(sock_common, met_socket, skc_daddr) &&
           READ(sock_common, socket, skc_rcv_saddr) == READ(sock_common, met_socket, skc_rcv_saddr);
  u64 source = OFFSET(sock_common, skc_v6_rcv_saddr), destination = OFFSET(sock_common, skc_v6_daddr);
  return READ(sock_common, socket, skc_family) == AF_INET6 && word(socket + source) == word(met_socket + source) &&
         word(socket + source + 8) == word(met_socket + source + 8) && word(socket + destination) == word(met_socket + destination) &&
         word(socket + destination + 8) == word(met_socket + destination + 8);
}

/// How a socket of ``met_socket``'s tuple ends.
APART u32 end_of_met(u64 socket) {
  if (READ(sock_common, socket, skc_state) != TCP_TIME_WAIT || READ(inet_timewait_sock, socket, tw_substate) != TCP_TIME_WAIT) return NEVER;
  u32 is_loopback = is_loopback4(READ(sock_common, socket, skc_daddr)) || is_loopback4(READ(sock_common, socket, skc_rcv_saddr));
  if (met_six) {
    u64 s = socket + OFFSET(sock_common, skc_v6_rcv_saddr), d = socket + OFFSET(sock_common, skc_v6_daddr);
    is_loopback = is_loopback6(word(d), word(d + 8)) || is_loopback6(word(s), word(s + 8));
  }
  return end_of_wait(socket, met_place, is_loopback);
}

/// Records that it could not be determined which sockets share ``met_socket``'s port.
APART int note_unsure() {
  u32 slot = namespaces.table[MASKED(met_place, COUNTS_NAMESPACE_TABLE - 1)].slot;
  struct counts_slot *own = bpf_map_lookup_elem(&slots, &slot);
  if (own) own->unsure_overlaps++;
  return 0;
}

static long meet(u32 number, void *context) {
  STEP();
  u64 node = met_node;
  if (node & 1 || !is_kernel(node)) return 1;
  met_node = word(node);
  u64 socket = node - OFFSET(sock_common, skc_nulls_node.next);
  if (socket == met_socket) {
    met_own = 1;
    own_is_first = !met_others;
    return 0;
  }
  if (!is_met(socket)) return 0;
  u32 end = end_of_met(socket);
  if (!met_others) first_end = end;
  if ((end & WITHIN) > last_within) last_within = end & WITHIN;
  met_others = 1;
  return 0;
}

/// Whether the port of a socket on the device with the entry `number`, which ends as `own` says, is also held by others that a connect() there meets, in
/// the chain at `head`. Returns 0 if not; otherwise 16 plus, in the form of a socket's end, what the sum of both overcounts apart from the port itself.
APART u32 find_overlap(u64 socket, u64 head, u32 place, u32 number, u32 own) {
  u32 index = number - 1;
  struct counts_device *entry = bpf_map_lookup_elem(&devices, &index);
  if (!entry) return 0;
  met_none = entry->meets_none != 0;
  met_vrf = entry->vrf == entry->number ? 0 : entry->vrf;
  if (!met_none && !met_vrf) return 0;
  met_place = place;
  if (budget < ENOUGH) return note_unsure();
  met_socket = socket;
  met_own = met_others = own_is_first = 0;
  first_end = last_within = 0;
  met_node = word(head);
  bpf_loop(OVERLAPS, meet, 0, 0);
  // The chain was too long, or it changed.
  if (!met_own || (!(met_node & 1) && is_kernel(met_node))) return note_unsure();
  if (!met_others) return 0;
  // The port returns when both are gone, and can be taken over when the first one can.
  u32 within = own & WITHIN, others_within = last_within;
  u32 less = within == NEVER ? others_within : others_within == NEVER || within < others_within ? within : others_within;
  return 16 | less | ((own_is_first ? first_end : own) & REUSABLE);
}

/// Counts a port of a tuple whose socket ends as `end` says.
INLINE void count_port(struct counts_tuple *tuple, u32 end, bool is_first) {
  tuple->used++;
  tuple->first_parity_used += is_first;
  if ((end & WITHIN) != NEVER) tuple->returning[end & 3]++;
  if (!(end & REUSABLE)) return;
  tuple->reusable++;
  tuple->first_parity_reusable += is_first;
}
