// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "memory.h"

// Hash tables with chained buckets. Walking them is mostly waiting for memory, so the chains of 128 buckets are followed side by side to overlap the fetches.
//
// Nothing is locked. A chain of connections ends in the number of its bucket; if it ends in anything else, it changed while it was being followed.

// How many buckets are taken at a time, and how many of their heads one step of a loop reads.
#define SIDE 128
#define HEADS 16
// How many nodes are collected before they are looked at. Looking at one takes a step.
#define HELD 4096
// The most steps that collecting a group of buckets can take.
#define GATHERED (3 * HELD)

/// The table's first head, the size of a head, the offset of a node in its object, and whether chains end in the number of their bucket or in NULL.
static u64 heads;
static u32 head_size, node_offset;
// A single byte: the compiler shrinks a variable that only holds 0 or 1, and the kernel rejects one that is smaller than its type says.
static u8 ends_in_bucket;
/// The first bucket of the group, and the one after the last to be walked.
static u32 bucket, end_bucket;

struct link {
  u64 node;
  u32 bucket, padding;
};
static struct link current[SIDE * 2], held[HELD];
static u32 live, held_count, torn;

/// Sets the table to walk, the first bucket and how many.
INLINE void follow_from(u64 at, u32 size, u32 offset, u32 names_bucket, u64 first, u64 count) {
  heads = at;
  head_size = size;
  node_offset = offset;
  ends_in_bucket = names_bucket;
  bucket = first;
  end_bucket = first + count;
}

/// Most buckets are empty, so this does as little as possible for each.
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
/// Fetches the start of an object and its node, possibly two cache lines, without waiting for either.
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

/// Collects the nodes of a group of buckets in ``held``; ``live`` says how many chains were too long. Called up to four times, until no chain has changed.
static long gather(u32 number, void *context) {
  STEP();
  live = 0;
  held_count = 0;
  torn = 0;
  bpf_loop(SIDE / HEADS, load_heads, 0, 0);
  bpf_loop(HELD, go_down, 0, 0);
  return !torn;
}
