// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "slots.h"

// Tuples, in open-addressed arrays that user space reads in place: finding one takes no helper call and no waiting. A run stays on one processor,
// so nothing needs to be counted atomically.

// How far an entry may be from the place that its hash gives.
#define PROBES 48

INLINE u32 mixed(u64 a, u64 b) {
  u64 hash = (a * 0x9E3779B97F4A7C15ull) ^ b;
  hash ^= hash >> 29;
  hash *= 0xBF58476D1CE4E5B9ull;
  hash ^= hash >> 32;
  hash *= 0x94D049BB133111EBull;
  return hash >> 32;
}

/// Whether a tuple is counted. The first walk counts all of them and fills the sketch. If the table is too small for that, only tuples with a large enough
/// counter are, and all tuples that large are then counted exactly: a second walk counts those whose counter reaches the threshold of their
/// namespace, a first walk those whose counter was marked because it was large the last time. Devices share a counter, as they share ports.
#define ADMITTED(family, marks, number, hash, cells, slot) \
  ({ \
    u32 zero_ = 0, slot_ = (slot) & (COUNTS_SLOTS - 1); \
    struct counts_sketch *sketch_ = bpf_map_lookup_elem(&sketch, &zero_); \
    struct counts_slot *own_ = bpf_map_lookup_elem(&slots, &slot_); \
    bool admitted_ = 1; \
    if (sketch_ && own_) { \
      u32 cell_ = MASKED(hash, (cells) - 1); \
      u32 *count_ = &sketch_->family[cell_]; \
      if (!settings.tuples_only && !((slot) & COUNTS_OVERLAP) && !(*count_)++) own_->first_cells[number]++; \
      if (settings.by_marks) \
        admitted_ = !own_->threshold || (sketch_->marks[cell_ >> 3] >> (cell_ & 7) & 1); \
      else \
        admitted_ = *count_ >= own_->threshold; \
    } \
    admitted_; \
  })

/// The number of a tuple's entry, counting from 1; 0 if it is not counted. `rest` holds the device, the port and the slot, 16 bits each, from bit 47
/// down. The hash ignores the device, and each device then has a place of its own.
#define WITHOUT_DEVICE(rest) ((rest) & 0xffffffffull & ~(u64)COUNTS_OVERLAP)
#define PLACE(hash, device, slot) ((hash) + ((u32)(device) + ((slot) & COUNTS_OVERLAP)) * 0x9E3779B1u)
APART u32 tuple4(u32 source, u32 destination, u64 rest) {
  u32 hash = mixed(((u64)source << 32) | destination, WITHOUT_DEVICE(rest));
  u16 generation = settings.generation, device = rest >> 32, port = rest >> 16, slot = rest;
  if (!ADMITTED(ipv4, marks4, 0, hash, COUNTS_CELLS4, slot)) return 0;
  for (int probe = 0; probe < PROBES; probe++) {
    u32 index = (PLACE(hash, device, slot) + probe) & settings.tuple4_mask;
    struct counts_tuple4 *tuple = bpf_map_lookup_elem(&tuples4, &index);
    if (!tuple) return 0;
    if (tuple->generation == generation) {
      if (tuple->source == source && tuple->destination == destination && tuple->port == port && tuple->slot == slot && tuple->device == device)
        return index + 1;
      continue;
    }
    tuple->source = source;
    tuple->destination = destination;
    tuple->port = port;
    tuple->slot = slot;
    tuple->device = device;
    tuple->counts = (struct counts_tuple){};
    tuple->generation = generation;
    if (!(slot & COUNTS_OVERLAP)) totals.tuples[0]++;
    return index + 1;
  }
  totals.lost_tuples++;
  return 0;
}

APART u32 tuple6(u64 s0, u64 s1, u64 d0, u64 d1, u64 rest) {
  u32 hash = mixed(s0 ^ (s1 * 31) ^ (d0 * 131), d1 ^ (WITHOUT_DEVICE(rest) << 16));
  u16 generation = settings.generation, device = rest >> 32, port = rest >> 16, slot = rest;
  if (!ADMITTED(ipv6, marks6, 1, hash, COUNTS_CELLS6, slot)) return 0;
  for (int probe = 0; probe < PROBES; probe++) {
    u32 index = (PLACE(hash, device, slot) + probe) & settings.tuple6_mask;
    struct counts_tuple6 *tuple = bpf_map_lookup_elem(&tuples6, &index);
    if (!tuple) return 0;
    u64 *source = tuple->source.words, *destination = tuple->destination.words;
    if (tuple->generation == generation) {
      if (source[0] == s0 && source[1] == s1 && destination[0] == d0 && destination[1] == d1 && tuple->port == port && tuple->slot == slot &&
          tuple->device == device)
        return index + 1;
      continue;
    }
    source[0] = s0;
    source[1] = s1;
    destination[0] = d0;
    destination[1] = d1;
    tuple->port = port;
    tuple->slot = slot;
    tuple->device = device;
    tuple->counts = (struct counts_tuple){};
    tuple->generation = generation;
    if (!(slot & COUNTS_OVERLAP)) totals.tuples[1]++;
    return index + 1;
  }
  totals.lost_tuples++;
  return 0;
}

/// The counts of an entry.
INLINE struct counts_tuple *tuple_counts(u32 number, bool six) {
  if (!number) return 0;
  u32 index = number - 1;
  if (six) {
    struct counts_tuple6 *tuple = bpf_map_lookup_elem(&tuples6, &index);
    if (!tuple) return 0;
    CHECKED(tuple);
    return &tuple->counts;
  }
  struct counts_tuple4 *tuple = bpf_map_lookup_elem(&tuples4, &index);
  if (!tuple) return 0;
  CHECKED(tuple);
  return &tuple->counts;
}
