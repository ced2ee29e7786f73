// SPDX-License-Identifier: MIT OR GPL-2.0-only

// Times the kernel's search for a free port, for `--collector.port-search`. The programs run when the kernel's own functions begin and return, in the thread
// that asked for a port. Nothing is locked and nothing waits: a time is kept in one word and counted by two additions, in memory of a fixed size.

#include "../include/search.h"
#include "kern.h"

static u32 (*const bpf_get_smp_processor_id)(void) = (void *)8;
static u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;

ARRAY(searched, search_share, SEARCH_SHARES);

// When a thread's search began: nanoseconds, and below them the thread's number, which is never too large for that (`PID_MAX_LIMIT`). A word is read and
// written as a whole, so that a time never gets to another thread: where two want the same word, the search of the first is not counted.
enum { THREAD_BITS = 22 };
struct {
  int (*type)[2];
  int (*max_entries)[SEARCH_THREADS];
  u32 *key;
  u64 *value;
} begun SEC(".maps");

// Neighbours in number, which often run side by side, are not neighbours in memory.
INLINE volatile u64 *word_of(u32 thread) {
  u32 index = thread * 521 % SEARCH_THREADS;
  return bpf_map_lookup_elem(&begun, &index);
}

INLINE u32 current_thread(void) { return (u32)bpf_get_current_pid_tgid() & ((1u << THREAD_BITS) - 1); }

// - `is_sought`: whether the kernel is to find the port. If not, a beginning whose end was missed is forgotten.
INLINE int begin(bool is_sought) {
  u32 thread = current_thread();
  volatile u64 *word = word_of(thread);
  if (word) *word = is_sought ? bpf_ktime_get_ns() << THREAD_BITS | thread : 0;
  return 0;
}

INLINE u32 bucket_of(u64 nanoseconds) {
  u32 bucket = 0;
  for (u64 bound = SEARCH_LEAST; bucket < SEARCH_BOUNDS && nanoseconds > bound; bound *= 4) bucket++;
  return bucket;
}

// A search that seems to have taken longer than this has the beginning of another one, whose end was missed.
#define LONGEST (60ull * 1000 * 1000 * 1000)
#define ADD(counter, value) ((void)__sync_fetch_and_add(&(counter), value))

INLINE int end(u32 kind) {
  u64 now = bpf_ktime_get_ns();
  u32 thread = current_thread();
  volatile u64 *word = word_of(thread);
  if (!word) return 0;
  u64 start = *word;
  if (!start || (start & ((1u << THREAD_BITS) - 1)) != thread) return 0;
  *word = 0;
  // Both without their highest bits, as is what lies between them.
  u64 took = ((now << THREAD_BITS) - (start - thread)) >> THREAD_BITS;
  if (took > LONGEST) return 0;
  u32 share = bpf_get_smp_processor_id() % SEARCH_SHARES;
  struct search_share *counted = bpf_map_lookup_elem(&searched, &share);
  if (!counted) return 0;
  struct search_times *times = &counted->kinds[kind];
  ADD(times->counts[bucket_of(took)], 1);
  ADD(times->nanoseconds, took);
  return 0;
}

// A socket that has a port keeps it: there is nothing to search.
INLINE bool lacks_port(struct sock *socket) { return !socket->__sk_common.skc_num; }

SEC("fentry/inet_hash_connect") int begin_connect(u64 *arguments) { return begin(lacks_port((struct sock *)arguments[1])); }
SEC("fexit/inet_hash_connect") int end_connect(u64 *arguments) { return end(SEARCH_CONNECT); }
SEC("fentry/inet6_hash_connect") int begin_connect6(u64 *arguments) { return begin(lacks_port((struct sock *)arguments[1])); }
SEC("fexit/inet6_hash_connect") int end_connect6(u64 *arguments) { return end(SEARCH_CONNECT); }

// These are told the port, if the program chose one.
SEC("fentry/inet_csk_get_port") int begin_bind(u64 *arguments) { return (u16)arguments[1] ? 0 : begin(1); }
SEC("fexit/inet_csk_get_port") int end_bind(u64 *arguments) { return (u16)arguments[1] ? 0 : end(SEARCH_BIND); }
SEC("fentry/udp_lib_get_port") int begin_udp(u64 *arguments) { return (u16)arguments[1] ? 0 : begin(1); }
SEC("fexit/udp_lib_get_port") int end_udp(u64 *arguments) { return (u16)arguments[1] ? 0 : end(SEARCH_UDP); }

// Only programs under a license like this one may read the kernel's structures.
char terms[] SEC("license") = "Dual MIT/GPL";
