// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "listeners.h"

// Ports by local address, in pages of 256 ports. A page is created when the first of its ports is seen on that address.

/// The number of an address, counting from 1; 0 if there is no room for it.
APART u32 address_number(u64 first, u64 second, u32 slot) {
  u32 hash = mixed(first, second ^ ((u64)slot << 40)), generation = settings.generation;
  for (int probe = 0; probe < PROBES; probe++) {
    u32 index = (hash + probe) & (COUNTS_ADDRESSES - 1);
    struct counts_used_address *used = bpf_map_lookup_elem(&used_addresses, &index);
    if (!used) return 0;
    if (used->generation == generation) {
      if (used->address.words[0] == first && used->address.words[1] == second && used->slot == slot) return index + 1;
      continue;
    }
    used->address.words[0] = first;
    used->address.words[1] = second;
    used->slot = slot;
    used->generation = generation;
    return index + 1;
  }
  return 0;
}

/// Notes a port on an address.
APART int note_address(u64 first, u64 second, u32 slot, u32 port, u32 meets_ipv4) {
  u32 number = address_number(first, second, slot), key = (number << 8) | (port >> 8 & 255), generation = settings.generation;
  u32 hash = mixed(key, 0), index_of_word = MASKED(port >> 6, 3);
  u64 bit = 1ull << (port & 63);
  for (int probe = 0; number && probe < PROBES; probe++) {
    u32 index = (hash + probe) & settings.address_page_mask;
    struct counts_address_page *page = bpf_map_lookup_elem(&address_pages, &index);
    if (!page) break;
    if (page->generation != generation) {
      page->key = key;
      page->generation = generation;
      for (int word = 0; word < 4; word++) page->all[word] = page->meeting_ipv4[word] = 0;
      totals.address_pages++;
    } else if (page->key != key) {
      continue;
    }
    page->all[index_of_word] |= bit;
    if (meets_ipv4) page->meeting_ipv4[index_of_word] |= bit;
    return 1;
  }
  struct counts_slot *lost = bpf_map_lookup_elem(&slots, &slot);
  if (lost) lost->lost_addresses++;
  return 0;
}
