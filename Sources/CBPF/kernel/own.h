// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "tuples.h"

// The addresses that belong to a namespace: a connection to one of them does not leave it. User space lists those of its own namespace; those of the
// others are read from their devices, since otherwise each of them would have to be entered.

INLINE bool is_loopback4(u32 address) { return (address & 0xff) == 127; }
INLINE bool is_loopback6(u64 first, u64 second) { return first == 0 && second == 1ull << 56; }
INLINE bool is_mapped(u64 first, u64 second) { return first == 0 && (u32)second == 0xffff0000; }

/// Whether an address is one of the namespace's own. Loopback addresses are not listed.
APART int is_own(u64 first, u64 second, u32 slot) {
  u32 hash = mixed(first, second ^ ((u64)slot << 40));
  for (int probe = 0; probe < PROBES; probe++) {
    u32 index = (hash + probe) & (COUNTS_OWN_ADDRESSES - 1);
    struct counts_own_address *own = bpf_map_lookup_elem(&own_addresses, &index);
    if (!own || !own->is_used) break;
    if (own->address.words[0] == first && own->address.words[1] == second && own->slot == slot) return 1;
  }
  for (u32 number = 0; number < COUNTS_OWN_NETWORKS; number++) {
    if (number >= settings.networks) break;
    if (settings.network[number].slot == slot && (first & settings.network[number].mask.words[0]) == settings.network[number].address.words[0] &&
        (second & settings.network[number].mask.words[1]) == settings.network[number].address.words[1])
      return 1;
  }
  return 0;
}

/// Adds an address. Adding it again changes nothing.
APART int add_own(u64 first, u64 second, u32 slot) {
  u32 hash = mixed(first, second ^ ((u64)slot << 40));
  for (int probe = 0; probe < PROBES; probe++) {
    u32 index = (hash + probe) & (COUNTS_OWN_ADDRESSES - 1);
    struct counts_own_address *own = bpf_map_lookup_elem(&own_addresses, &index);
    if (!own) break;
    if (own->is_used) {
      if (own->address.words[0] == first && own->address.words[1] == second && own->slot == slot) return 0;
      continue;
    }
    own->address.words[0] = first;
    own->address.words[1] = second;
    own->slot = slot;
    own->is_used = 1;
    return 0;
  }
  struct counts_slot *lost = bpf_map_lookup_elem(&slots, &slot);
  if (lost) lost->lost_own++;
  return -1;
}

/// Adds an IPv4 network of the loopback device: every address in it belongs to the namespace. Adding it again changes nothing.
APART int add_own_network(u32 address, u32 mask, u32 slot) {
  u64 network = ((u64)(address & mask) << 32) | 0xffff0000, bits = ((u64)mask << 32) | 0xffffffff;
  u32 count = settings.networks;
  for (u32 number = 0; number < COUNTS_OWN_NETWORKS; number++) {
    u32 index = MASKED(number, COUNTS_OWN_NETWORKS - 1);
    if (number < count) {
      if (settings.network[index].slot == slot && settings.network[index].address.words[1] == network) return 0;
      continue;
    }
    settings.network[index].address.words[0] = 0;
    settings.network[index].address.words[1] = network;
    settings.network[index].mask.words[0] = ~0ull;
    settings.network[index].mask.words[1] = bits;
    settings.network[index].slot = slot;
    settings.networks = number + 1;
    return 0;
  }
  struct counts_slot *lost = bpf_map_lookup_elem(&slots, &slot);
  if (lost) lost->lost_own++;
  return -1;
}

// How many devices of a namespace, and how many addresses of a device, are looked at.
#define MOST 16384

static u64 device_node, device_head, address_list, address_head;
static u32 device_slot, stopped_at;
static u8 is_loopback_device;

static long note_address4(u32 number, void *context) {
  STEP();
  if (!is_kernel(address_list)) return 1;
  u32 address = READ(in_ifaddr, address_list, ifa_local), mask = READ(in_ifaddr, address_list, ifa_mask);
  if (!is_loopback4(address)) {
    add_own(0, ((u64)address << 32) | 0xffff0000, device_slot);
    if (is_loopback_device && mask != 0xffffffff) add_own_network(address, mask, device_slot);
  }
  address_list = word(address_list + OFFSET(in_ifaddr, ifa_next));
  return 0;
}

static long note_address6(u32 number, void *context) {
  STEP();
  if (address_list == address_head || !is_kernel(address_list)) return 1;
  u64 address = address_list - OFFSET(inet6_ifaddr, if_list.next) + OFFSET(inet6_ifaddr, addr), first = word(address), second = word(address + 8);
  if (!is_loopback6(first, second)) add_own(first, second, device_slot);
  address_list = word(address_list);
  return 0;
}

static long note_device(u32 number, void *context) {
  STEP();
  if (device_node == device_head || !is_kernel(device_node)) return 1;
  u64 device = device_node - OFFSET(net_device, dev_list.next);
  is_loopback_device = (READ(net_device, device, flags) & IFF_LOOPBACK) != 0;
  u64 of_family = word(device + OFFSET(net_device, ip_ptr));
  if (is_kernel(of_family)) {
    address_list = word(of_family + OFFSET(in_device, ifa_list));
    bpf_loop(MOST, note_address4, 0, 0);
  }
  // A kernel without IPv6 has neither these nor their types.
  if (HAS(net_device, ip6_ptr) && HAS(inet6_dev, addr_list) && HAS(inet6_ifaddr, if_list)) {
    of_family = word(device + OFFSET(net_device, ip6_ptr));
    if (is_kernel(of_family)) {
      address_head = of_family + OFFSET(inet6_dev, addr_list.next);
      address_list = word(address_head);
      bpf_loop(MOST, note_address6, 0, 0);
    }
  }
  device_node = word(device_node);
  return 0;
}

static long note_devices(u32 number, void *context) {
  u32 first = *(u32 *)context;
  if (budget < 4096) {
    stopped_at = number;
    return 1;
  }
  STEP();
  struct counts_namespace *found = &namespaces.found[(first + number) & (COUNTS_NAMESPACES - 1)];
  int slot = slot_of(found->address);
  if (slot < 0) return 0;
  device_slot = slot;
  device_head = found->address + OFFSET(net, dev_base_head.next);
  device_node = word(device_head);
  bpf_loop(MOST, note_device, 0, 0);
  if (budget) return 0;
  // It is tried again with a full budget. If that is not enough either, it will be the first of that run.
  stopped_at = number;
  return 1;
}

/// Adds the addresses of `context[1]` of the namespaces found, starting with number `context[0]`, if they are counted. Returns how many namespaces it did.
SEC("raw_tp") int find_own_addresses(u64 *context) {
  budget = BUDGET;
  last_net = 0;
  u32 first = context[0], count = context[1];
  stopped_at = count;
  bpf_loop(count, note_devices, &first, 0);
  return stopped_at;
}
