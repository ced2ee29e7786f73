// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "memory.h"

// Hash tables of chains. What they cost is waiting for memory, so the chains of 128 buckets are followed side by side: their fetches overlap.
//
// Nothing is locked. A chain of connections ends in a number that names its bucket; one that ends otherwise changed while it was followed.

// How many buckets are taken together, and how many heads of theirs in one step of a loop.
#define SIDE 128
#define HEADS 16
// How many nodes may be held to be looked at, each of which takes a step.
#define HELD 4096
// What a group of buckets takes at most, but for what is done with its nodes.
#define GATHERED (3 * HELD)

/// The first head of the table; how large a head is; how far into its object a node is; whether a chain ends in the number of its bucket or in nothing.
static u64 heads;
static u32 head_size, node_offset;
// Of one byte: the compiler makes one of any number that is 0 or 1, and the kernel refuses one whose type says more.
static u8 ends_in_bucket;
/// The first bucket of the group, and the first one that is not to be done.
static u32 bucket, end_bucket;

struct link {
  u64 node;
  u32 bucket, padding;
};
static struct link current[SIDE * 2], held[HELD];
static u32 live, held_count, torn;

/// Says which table is followed, and from which bucket on how many.
INLINE void follow_from(u64 at, u32 size, u32 offset, u32 names_bucket, u64 first, u64 count) {
  heads = at;
  head_size = size;
  node_offset = offset;
  ends_in_bucket = names_bucket;
  bucket = first;
  end_bucket = first + count;
}

/// Most buckets are empty, so what is done for each is little.
static long load_heads(u32 number, void *context) {
  STEP();
  u32 first = bucket + number * HEADS, end = end_bucket, size = head_size;
  u64 at = heads + (u64)first * size;
  if (!is_kernel(at)) {
    spend(FAULT);
    return 1;
  }
  for (u32 offset = 0; offset < HEADS; offset++, at += size) {
    if (first + offset >= end) return 1;
    u64 head = word_at(at);
    if (head & 1 || !is_kernel(head)) continue;
    u32 index = live & (SIDE - 1);
    current[index].node = head;
    current[index].bucket = first + offset;
    live++;
  }
  return 0;
}

#ifndef PROBE
static u64 sink;
/// Fetches the start of an object and its node, which may be in two lines, and waits for neither.
static long touch(u32 number, void *context) {
  STEP();
  u64 node = current[number & (SIDE - 1)].node;
  sink += word(node) + word(node - node_offset);
  return 0;
}
#endif

static long follow(u32 number, void *context) {
  STEP();
  u64 node = current[number & (SIDE - 1)].node;
  u32 of_bucket = current[number & (SIDE - 1)].bucket;
  u32 index = held_count & (HELD - 1);
  held[index].node = node;
  held[index].bucket = of_bucket;
  held_count++;
  u64 next = word(node);
  if (next & 1 || !is_kernel(next)) {
    if (ends_in_bucket && next != (((u64)of_bucket << 1) | 1)) torn++;
    return 0;
  }
  index = live & (SIDE - 1);
  current[index].node = next;
  current[index].bucket = of_bucket;
  live++;
  return 0;
}

static long go_down(u32 number, void *context) {
  STEP();
  u32 count = live;
  if (!count || held_count > HELD - SIDE) return 1;
#ifndef PROBE
  bpf_loop(count, touch, 0, 0);
#endif
  live = 0;
  bpf_loop(count, follow, 0, 0);
  return 0;
}

/// Fills ``held`` with the nodes of a group of buckets, and ``live`` with how many chains were too long. Called up to four times, until no chain has changed.
static long gather(u32 number, void *context) {
  STEP();
  live = 0;
  held_count = 0;
  torn = 0;
  bpf_loop(SIDE / HEADS, load_heads, 0, 0);
  bpf_loop(HELD, go_down, 0, 0);
  return !torn;
}
