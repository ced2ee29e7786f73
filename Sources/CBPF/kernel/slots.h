// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "namespaces.h"

// What is counted for each namespace. A map of all ports would take 128 KB, but most namespaces use few ports: maps consist of pages, which are created when
// the first of their ports is seen.

/// Creates the page of `port` for the namespace at `place` and marks the ports that the kernel hands out. Returns its number, or 0 if there is no room.
APART int new_page(u32 place, u32 port) {
  place = MASKED(place, COUNTS_NAMESPACE_TABLE - 1);
  u32 slot = namespaces.table[place].slot, number = totals.pages + 1;
  struct counts_namespace *found = &namespaces.found[namespaces.table[place].index & (COUNTS_NAMESPACES - 1)];
  struct counts_slot *own = bpf_map_lookup_elem(&slots, &slot);
  if (!own) return 0;
  // The first namespace can always have all its pages, and no other may take the last ones: whoever needs few gets them, whatever the others need.
  u32 left = settings.pages > number ? settings.pages - number : 0;
  bool has_room = slot ? left > 1024 && own->used_pages < left - 1024 : left != 0;
  struct counts_page *page = has_room ? bpf_map_lookup_elem(&pages, &number) : 0;
  if (!page) {
    own->lost_pages++;
    return 0;
  }
  u64 reserved = 0;
  u32 word_number = MASKED(port >> 6, 1023), first = word_number << 6;
  if (is_kernel(found->reserved)) bpf_probe_read_kernel(&reserved, 8, (void *)(found->reserved + word_number * 8));
  for (u32 bit = 0; bit < COUNTS_PAGE_PORTS; bit++) {
    u32 one = first + bit;
    page->flags[bit] = one >= found->first_port && one <= found->last_port && !(reserved >> bit & 1) ? COUNTS_POOL : 0;
  }
  totals.pages = number;
  own->used_pages++;
  own->pages[word_number] = number;
  return number;
}

/// The flags of a port of the namespace at `place`, or 0 if there is no room for them.
INLINE u16 *port_flags(u32 place, u32 slot, u32 port) {
  struct counts_slot *own = bpf_map_lookup_elem(&slots, &slot);
  if (!own) return 0;
  u32 number = own->pages[MASKED(port >> 6, 1023)];
  if (!number) number = new_page(place, port);
  if (!number) return 0;
  struct counts_page *page = bpf_map_lookup_elem(&pages, &number);
  return page ? &page->flags[MASKED(port, COUNTS_PAGE_PORTS - 1)] : 0;
}

/// Counts a socket.
INLINE void count_socket(u32 slot, u32 six, u32 state, u32 port) {
  u32 class = settings.class_of[MASKED(port, 0xffff)], block = slot * settings.blocks + class / COUNTS_BLOCK_CLASSES;
  struct counts_states *counts = bpf_map_lookup_elem(&states, &block);
  totals.sockets++;
  if (counts) counts->tcp[MASKED(six, 1)][MASKED(state, COUNTS_STATES - 1)][MASKED(class, COUNTS_BLOCK_CLASSES - 1)]++;
}
