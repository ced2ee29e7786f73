// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "memory.h"

// Finds the namespaces and their settings, by following the ring that links every `struct net`, starting with the caller's own.

static u64 net_at, net_ops, net_limit;

static long note_namespace(u32 number, void *context) {
  STEP();
  // The head of the list is not a namespace, and does not have the operations of one.
  if (word(net_at + OFFSET(net, ns.ops)) == net_ops) {
    u32 count = namespaces.count;
    if (count >= COUNTS_NAMESPACES || count >= net_limit) return 1;
    struct counts_namespace *found = &namespaces.found[count];
    found->address = net_at;
    found->inode = READ(net, net_at, ns.inum);
    found->hashinfo = word(net_at + OFFSET(net, ipv4.tcp_death_row.hashinfo));
    found->reserved = word(net_at + OFFSET(net, ipv4.sysctl_local_reserved_ports));
    found->udp_table = HAS(netns_ipv4, udp_table) ? word(net_at + OFFSET(net, ipv4.udp_table)) : 0;
    found->time_wait_reuse = READ(net, net_at, ipv4.sysctl_tcp_tw_reuse);
    // Linux 6.16.
    found->time_wait_delay = HAS(netns_ipv4, sysctl_tcp_tw_reuse_delay) ? READ(net, net_at, ipv4.sysctl_tcp_tw_reuse_delay) : 1000;
    // Linux 7.0.
    found->step_width = HAS(netns_ipv4, sysctl_ip_local_port_step_width) ? READ(net, net_at, ipv4.sysctl_ip_local_port_step_width) : 0;
    found->timestamps = READ(net, net_at, ipv4.sysctl_tcp_timestamps);
    found->ipv6_only = HAS(net, ipv6.sysctl.bindv6only) ? READ(net, net_at, ipv6.sysctl.bindv6only) : 0;
    u32 range[2] = {};
    u64 at = net_at + OFFSET(net, ipv4.ip_local_ports);
    if (HAS(local_ports, range)) {
      bpf_probe_read_kernel(range, 4, (void *)(at + OFFSET(local_ports, range)));
      range[1] = range[0] >> 16;
    } else {
      bpf_probe_read_kernel(range, 8, (void *)(at + OFFSET(local_ports___pair, range)));
    }
    found->first_port = range[0];
    found->last_port = range[1];
    namespaces.count = count + 1;
  }
  net_at = word(net_at + OFFSET(net, list.next)) - OFFSET(net, list.next);
  return net_at == namespaces.found[0].address;
}

/// Finds at most `context[0]` namespaces, the caller's own first. Returns how many.
SEC("raw_tp") int find_namespaces(u64 *context) {
  budget = BUDGET;
  namespaces.count = 0;
  net_limit = context[0];
  net_at = word(word(bpf_get_current_task() + OFFSET(task_struct, nsproxy)) + OFFSET(nsproxy, net_ns));
  net_ops = word(net_at + OFFSET(net, ns.ops));
  bpf_loop(COUNTS_NAMESPACES + 1, note_namespace, 0, 0);
  return namespaces.count;
}

/// Copies the bitmap of reserved ports at `context[0]`. Returns 0, or an error.
SEC("raw_tp") int copy_reserved_ports(u64 *context) { return bpf_probe_read_kernel(copied.bits, sizeof copied.bits, (void *)context[0]); }

/// Copies where the tables of the hashinfo at `context[0]` are.
SEC("raw_tp") int copy_tables(u64 *context) {
  u64 tables = context[0];
  copied.ehash = word(tables + OFFSET(inet_hashinfo, ehash));
  copied.ehash_mask = READ(inet_hashinfo, tables, ehash_mask);
  copied.bhash = word(tables + OFFSET(inet_hashinfo, bhash));
  copied.bhash2 = word(tables + OFFSET(inet_hashinfo, bhash2));
  copied.bhash_size = READ(inet_hashinfo, tables, bhash_size);
  copied.lhash2 = word(tables + OFFSET(inet_hashinfo, lhash2));
  copied.lhash2_mask = READ(inet_hashinfo, tables, lhash2_mask);
  return 0;
}

static u64 last_net;
static u32 last_place;

/// The place of the namespace at `net` in the table, or -1 if it is not counted.
APART int find_place(u64 net) {
  u32 hash = (u32)((u32)(net >> 6) * 0x9E3779B1u) >> 20;
  for (int probe = 0; probe < 8; probe++) {
    u32 place = (hash + probe) & (COUNTS_NAMESPACE_TABLE - 1);
    if (namespaces.table[place].address == net) {
      last_net = net;
      last_place = place;
      return place;
    }
    if (!namespaces.table[place].address) return -1;
  }
  return -1;
}

INLINE int namespace_place(u64 net) { return net == last_net ? (int)last_place : find_place(net); }

/// The slot of the namespace that `socket` is in, or -1.
INLINE int slot_of(u64 net) {
  int place = namespace_place(net);
  return place < 0 ? -1 : (int)namespaces.table[MASKED(place, COUNTS_NAMESPACE_TABLE - 1)].slot;
}
