#pragma once

// The programs that count in the kernel, the memory they share with us, and libbpf, which loads them. libbpf is not linked: its few functions that are
// needed are declared here, and found with `dlopen`. A process that does not count in the kernel never maps it.

#include "counts.h"
#include "refusals.h"
#include "search.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bpf_object;
struct bpf_map;
struct bpf_program;

/// The functions of libbpf 1.x that are called. Either all of them are found or none.
typedef struct cbpf_library {
  void *handle;
  struct bpf_object *(*open_mem)(const void *bytes, size_t size, const void *options);
  int (*load)(struct bpf_object *object);
  void (*close)(struct bpf_object *object);
  struct bpf_map *(*find_map)(const struct bpf_object *object, const char *name);
  struct bpf_program *(*find_program)(const struct bpf_object *object, const char *name);
  int (*map_fd)(const struct bpf_map *map);
  uint32_t (*map_value_size)(const struct bpf_map *map);
  uint32_t (*map_entries)(const struct bpf_map *map);
  int (*map_set_entries)(struct bpf_map *map, uint32_t count);
  int (*program_fd)(const struct bpf_program *program);
} cbpf_library;

/// Opens the shared library `file` and fills `library`. NULL, or what `dlerror` says, valid until the thread's next `dl…` call.
const char *cbpf_load(cbpf_library *library, const char *file);
/// Unloads the library.
void cbpf_unload(cbpf_library *library);

/// The newest warnings that libbpf and the kernel's verifier gave on this thread; empty if there were none. Valid until the next call to libbpf.
const char *cbpf_warnings(void);
/// Forgets the warnings.
void cbpf_forget_warnings(void);

/// An object file that was made from ../kernel.
typedef struct cbpf_bytes {
  const unsigned char *start;
  size_t count;
} cbpf_bytes;

/// The counting programs, for kernels whose programs load from the kernel's memory themselves (Linux 6.2), and for those that call for each field.
cbpf_bytes cbpf_count(void);
cbpf_bytes cbpf_count_probe(void);
/// The programs that learn of refused ports from the kernel's functions, and from its tracepoint.
cbpf_bytes cbpf_refusals(void);
cbpf_bytes cbpf_refusals_tracepoint(void);
/// The programs that time the kernel's search for a free port.
cbpf_bytes cbpf_search(void);

/// Runs a program once, with `context` as what it is given. 0, or -1 with errno. The corresponding system call is `bpf` with BPF_PROG_TEST_RUN.
int cbpf_run(int program, const uint64_t *context, uint32_t words, uint32_t *result);

/// Attaches a program to what it was loaded for. Returns a descriptor that detaches it when closed, or -1 with errno. The corresponding system call is `bpf`
/// with BPF_RAW_TRACEPOINT_OPEN.
int cbpf_attach(int program);

/// Names the calling thread as one that tries out what the kernel refuses. The corresponding C function is `prctl` with PR_SET_NAME.
void cbpf_name_trial(void);

/// Whether the kernel lets the calling thread load a program: 0, or the errno that says why not. The program is gone at once, and nothing runs it.
int cbpf_try(void);

/// The bit of a capability that this process has in effect (`capget`); negative with errno.
int cbpf_has_capability(int number);
/// Drops a capability for good, from the calling thread and every thread that it creates from now on. 0, or -1 with errno.
int cbpf_drop_capability(int number);

// Arrays in the shared memory. Swift does not import arrays this large as members of a structure, so these find them.

static inline uint8_t *cbpf_classes(void *settings) { return ((struct counts_settings *)settings)->class_of; }
static inline uint16_t *cbpf_slot_pages(void *slots, uint32_t slot) { return ((struct counts_slot *)slots)[slot].pages; }
static inline uint16_t *cbpf_flags(void *pages, uint32_t page) { return ((struct counts_page *)pages)[page].flags; }
static inline uint32_t *cbpf_states(void *states, uint32_t block, uint32_t family, uint32_t state) {
  return ((struct counts_states *)states)[block].tcp[family][state];
}
static inline uint32_t *cbpf_udp_states(void *states, uint32_t block, uint32_t family, uint32_t is_connected) {
  return ((struct counts_states *)states)[block].udp[family][is_connected];
}
static inline const uint64_t *cbpf_copied_ports(void *copied) { return (const uint64_t *)((struct counts_copied *)copied)->bits; }

/// What was recorded about a namespace apart from its ports.
typedef struct cbpf_slot_notes {
  uint32_t first_cells[2], lost_pages, lost_addresses, lost_own, lost_devices, unsure_overlaps, lost_vrf_ports, lost_udp_holders;
} cbpf_slot_notes;
static inline cbpf_slot_notes cbpf_notes(void *slots, uint32_t slot) {
  struct counts_slot *own = &((struct counts_slot *)slots)[slot];
  return (cbpf_slot_notes){
      {own->first_cells[0], own->first_cells[1]}, own->lost_pages,      own->lost_addresses, own->lost_own,
      own->lost_devices,                          own->unsure_overlaps, own->lost_vrf_ports,
      own->lost_udp_holders,
  };
}
static inline void cbpf_set_threshold(void *slots, uint32_t slot, uint32_t threshold) { ((struct counts_slot *)slots)[slot].threshold = threshold; }
static inline uint32_t *cbpf_sketch(void *sketch, int is_ipv6) {
  return is_ipv6 ? ((struct counts_sketch *)sketch)->ipv6 : ((struct counts_sketch *)sketch)->ipv4;
}
static inline uint8_t *cbpf_marks(void *sketch, int is_ipv6) {
  return is_ipv6 ? ((struct counts_sketch *)sketch)->marks6 : ((struct counts_sketch *)sketch)->marks4;
}
static inline struct counts_namespace *cbpf_namespace(void *namespaces, uint32_t number) {
  return &((struct counts_namespaces *)namespaces)->found[number];
}

/// Chooses the namespaces to count: none of them, and then one more, by the number that it was found under.
static inline void cbpf_count_none(void *namespaces) {
  struct counts_namespaces *all = (struct counts_namespaces *)namespaces;
  memset(all->table, 0, sizeof all->table);
}
/// Returns 0, or -1 if there is no room where it would be looked for.
static inline int cbpf_count_namespace(void *namespaces, uint32_t index, uint32_t slot) {
  struct counts_namespaces *all = (struct counts_namespaces *)namespaces;
  uint64_t address = all->found[index].address;
  uint32_t hash = (uint32_t)((uint32_t)(address >> 6) * 0x9E3779B1u) >> 20;
  for (uint32_t probe = 0; probe < 8; probe++) {
    uint32_t place = (hash + probe) % COUNTS_NAMESPACE_TABLE;
    if (all->table[place].address) continue;
    all->table[place].slot = slot;
    all->table[place].index = index;
    all->table[place].address = address;
    return 0;
  }
  return -1;
}

/// The hash by which both sides find an address, as the programs in ../kernel compute it.
static inline uint32_t cbpf_mixed(uint64_t a, uint64_t b) {
  uint64_t hash = (a * 0x9E3779B97F4A7C15ull) ^ b;
  hash ^= hash >> 29;
  hash *= 0xBF58476D1CE4E5B9ull;
  hash ^= hash >> 32;
  hash *= 0x94D049BB133111EBull;
  return (uint32_t)(hash >> 32);
}
/// Adds one of the host's own addresses, as words of memory. 0, or -1 if there is no room where it would be looked for.
static inline int cbpf_add_own_address(void *addresses, uint64_t first, uint64_t second, uint32_t slot) {
  struct counts_own_address *all = (struct counts_own_address *)addresses;
  uint32_t hash = cbpf_mixed(first, second ^ ((uint64_t)slot << 40));
  for (uint32_t probe = 0; probe < 48; probe++) {
    struct counts_own_address *own = &all[(hash + probe) % COUNTS_OWN_ADDRESSES];
    if (own->is_used) continue;
    own->address.words[0] = first;
    own->address.words[1] = second;
    own->slot = slot;
    own->is_used = 1;
    return 0;
  }
  return -1;
}
/// Adds one of the host's own networks. 0, or -1 if there is no room.
static inline int cbpf_add_own_network(void *settings, struct counts_address address, struct counts_address mask, uint32_t slot) {
  struct counts_settings *all = (struct counts_settings *)settings;
  if (all->networks >= COUNTS_OWN_NETWORKS) return -1;
  all->network[all->networks].address = address;
  all->network[all->networks].mask = mask;
  all->network[all->networks].slot = slot;
  all->networks++;
  return 0;
}

static inline const uint64_t *cbpf_address_ports(const struct counts_address_page *page) { return (const uint64_t *)page->all; }
static inline const uint64_t *cbpf_address_ports_meeting_ipv4(const struct counts_address_page *page) {
  return (const uint64_t *)page->meeting_ipv4;
}
