// SPDX-License-Identifier: MIT OR GPL-2.0-only

// Counts what the kernel refuses for want of a port, for `--collector.refusals`. The programs run when the kernel's own functions return, in the thread that
// asked for a port. If it got one, a comparison is all there is to do; if not, the refusal is counted in a table of a fixed size. Nothing waits.
//
// TRACEPOINT is for kernels that do not let programs follow their functions. Their tracepoint only tells of connect() by sockets without a port.

#include "../include/refusals.h"
#include "kern.h"

static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*const bpf_get_current_comm)(void *to, u32 size) = (void *)16;

enum { EADDRNOTAVAIL = 99, BPF_NOEXIST = 1 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct sock___error {
  int sk_err;
};
struct inet_sock {
  u16 inet_sport;
};
struct net___cookie {
  u64 net_cookie;
};
#pragma clang attribute pop

struct refusals_control control SEC(".bss.control");

ARRAY(refused_in, refusals_namespace, 2 * REFUSALS_NAMESPACES);
ARRAY(refused, refusals_case, 2 * REFUSALS_CASES);

// Several processors may want the same free row. The first to enter its number here gets it: on every kernel a hash map, unlike an array, tells which one
// that was. Numbers from tables that are no longer being filled are pushed out by newer ones (`BPF_MAP_TYPE_LRU_HASH`).
struct {
  int (*type)[9];
  int (*max_entries)[REFUSALS_CLAIMS];
  u64 *key;
  u32 *value;
} claims SEC(".maps");

INLINE bool claim(u32 table, u32 index, u32 generation) {
  u64 key = (u64)generation << 32 | table << 16 | index;
  u32 value = 1;
  return !bpf_map_update_elem(&claims, &key, &value, BPF_NOEXIST);
}

#define ADD(counter) ((void)__sync_fetch_and_add(&(counter), 1))
// Writes before this line become visible before those after it. A processor that sees them in another order only takes one more row for the same case.
#define WRITTEN() asm volatile("" ::: "memory")

INLINE void count_in(u32 netns, u64 cookie, u32 kind, u32 generation, u64 now) {
  // The kernel gives the number of a namespace that has ended to the next one: only their cookies keep them apart.
  u32 hash = (netns + (u32)cookie * 0x85EBCA6Bu) * 0x9E3779B1u, step = hash >> 24 | 1;
  u32 first = generation % 2 * REFUSALS_NAMESPACES;
  for (u32 probe = 0; probe < REFUSALS_PROBES; probe++) {
    u32 index = first + ((hash >> 16) + probe * step) % REFUSALS_NAMESPACES;
    struct refusals_namespace *row = bpf_map_lookup_elem(&refused_in, &index);
    if (!row) return;
    if (!row->is_used) {
      if (!claim(0, index, generation)) continue;
      row->netns = netns;
      row->cookie = cookie;
      WRITTEN();
      row->is_used = 1;
    }
    if (row->netns != netns || row->cookie != cookie) continue;
    ADD(row->counts[kind]);
    row->last = now;
    return;
  }
  ADD(control.elsewhere[kind]);
}

INLINE u32 hash_of(const struct refusals_key *key) {
  const u64 *words = (const u64 *)key;
  u64 hash = 0;
#pragma unroll
  for (u32 i = 0; i < sizeof *key / sizeof *words; i++) {
    hash = (hash ^ words[i]) * 0x9E3779B97F4A7C15ull;
    // Addresses may differ only in their last byte, which is the first byte of a word.
    hash ^= hash >> 32;
  }
  return (u32)hash;
}

INLINE bool is_same(const struct refusals_key *left, const struct refusals_key *right) {
  const u64 *a = (const u64 *)left, *b = (const u64 *)right;
#pragma unroll
  for (u32 i = 0; i < sizeof *left / sizeof *a; i++)
    if (a[i] != b[i]) return 0;
  return 1;
}

INLINE void count_case(const struct refusals_key *key, u32 generation, u64 now) {
  u32 first = generation % 2 * REFUSALS_CASES, hash = hash_of(key), step = hash >> 16 | 1;
  for (u32 probe = 0; probe < REFUSALS_PROBES; probe++) {
    u32 index = first + (hash + probe * step) % REFUSALS_CASES;
    struct refusals_case *row = bpf_map_lookup_elem(&refused, &index);
    if (!row) return;
    if (!row->is_used) {
      if (!claim(1, index, generation)) continue;
      row->key = *key;
      WRITTEN();
      row->is_used = 1;
    }
    if (!is_same(&row->key, key)) continue;
    ADD(row->count);
    row->last = now;
    return;
  }
  ADD(control.unlisted);
}

INLINE void set_address(unsigned long long *to, u32 ipv4) {
  to[0] = 0;
  u32 *words = (u32 *)to;
  words[2] = __builtin_bswap32(0xFFFF);
  words[3] = ipv4;
}

// Eight letters as one number, in memory order.
INLINE u64 word_of(const char *text) {
  u64 word = 0;
#pragma unroll
  for (u32 i = 0; i < 8; i++) word |= (u64)(u8)text[i] << 8 * i;
  return word;
}

// - `family`: that of the addresses. For a connection over IPv4 it is not always the socket's.
static APART void refused_to(struct sock *socket, u32 kind, u32 family) {
  struct sock_common *common = &socket->__sk_common;
  u32 generation = control.generation;
  u64 now = bpf_ktime_get_ns();
  struct net *net = common->skc_net.net;
  struct refusals_key key = {.netns = net->ns.inum, .kind = kind};
  if (HAS(net___cookie, net_cookie)) key.cookie = ((struct net___cookie *)net)->net_cookie;
  if (kind == REFUSALS_CONNECT || kind == REFUSALS_CONNECT_BOUND) key.port = common->skc_dport;
  if (family == AF_INET6) {
    bpf_probe_read_kernel(key.source, sizeof key.source, &common->skc_v6_rcv_saddr);
    if (key.port) bpf_probe_read_kernel(key.destination, sizeof key.destination, &common->skc_v6_daddr);
  } else {
    set_address(key.source, common->skc_rcv_saddr);
    if (key.port) set_address(key.destination, common->skc_daddr);
  }
  bpf_get_current_comm(key.program, sizeof key.program);
  const char trial[16] = REFUSALS_TRIAL;
  if (key.program[0] == word_of(trial) && key.program[1] == word_of(trial + 8)) return;
  count_in(key.netns, key.cookie, kind, generation, now);
  count_case(&key, generation, now);
}

#ifdef TRACEPOINT

// A connect() that found no port goes from SYN_SENT to CLOSE while the socket still has none. Later it has one, or an error, or both.
SEC("tp_btf/inet_sock_set_state") int refused_connect(u64 *arguments) {
  if ((int)arguments[1] != TCP_SYN_SENT || (int)arguments[2] != TCP_CLOSE) return 0;
  struct sock *socket = (struct sock *)arguments[0];
  u16 port = 1;
  bpf_probe_read_kernel(&port, sizeof port, (char *)socket + OFFSET(inet_sock, inet_sport));
  if (port || ((struct sock___error *)socket)->sk_err) return 0;
  refused_to(socket, REFUSALS_CONNECT, socket->__sk_common.skc_family);
  return 0;
}

#else

// When these functions fail for other reasons, the error is another one; callers that fail with the same error do so without getting here.
INLINE int connected(struct sock *socket, int status, u32 family) {
  if (status == -EADDRNOTAVAIL) refused_to(socket, socket->__sk_common.skc_num ? REFUSALS_CONNECT_BOUND : REFUSALS_CONNECT, family);
  return 0;
}
SEC("fexit/inet_hash_connect") int refused_connect(u64 *arguments) {
  return connected((struct sock *)arguments[1], (int)arguments[2], AF_INET);
}
SEC("fexit/inet6_hash_connect") int refused_connect6(u64 *arguments) {
  return connected((struct sock *)arguments[1], (int)arguments[2], AF_INET6);
}

// For a port that the program chose itself, these fail because it is taken.
INLINE int bound(struct sock *socket, u16 port, int status, u32 kind) {
  if (status && !port) refused_to(socket, kind, socket->__sk_common.skc_family);
  return 0;
}
SEC("fexit/inet_csk_get_port") int refused_bind(u64 *arguments) {
  return bound((struct sock *)arguments[0], (u16)arguments[1], (int)arguments[2], REFUSALS_BIND);
}
SEC("fexit/udp_lib_get_port") int refused_udp(u64 *arguments) {
  return bound((struct sock *)arguments[0], (u16)arguments[1], (int)arguments[3], REFUSALS_UDP);
}

#endif

// Only programs under a license like this one may read the kernel's structures.
char terms[] SEC("license") = "Dual MIT/GPL";
