// mutations [SEEDS]
//
// Counts in the kernel with wrong ideas of its structures: for each seed a few members of those that the programs read are moved, by a changed copy of the
// kernel's own type information. Whatever they then take for sockets and lists, the kernel must not be held up: every run of a program has to end soon, and
// the count has to come to an end or be given up. To be run in a guest and nowhere else.
//
// mutations: 60 seeds: 31 not loaded, 20 given up, 9 counted; the longest run took 12 ms (count_established)

#include "counter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <time.h>

static const char *const structures[] = {
    "sock_common", "sock", "inet_timewait_sock", "tcp_timewait_sock", "timer_list", "inet_bind_bucket", "inet_bind2_bucket", "inet_hashinfo",
    "net", "netns_ipv4", "nsproxy", "task_struct", "inet_listen_hashbucket", "hlist_node", "hlist_nulls_node", "inet_timewait_death_row", "ns_common",
    "net_device", "in_device", "in_ifaddr", "inet6_dev", "inet6_ifaddr", "netdev_adjacent",
    "udp_table", "udp_hslot", "socket_alloc", "hlist_head",
};
static const char *const members[] = {
    "skc_nulls_node", "skc_net", "skc_hash", "skc_num", "skc_family", "skc_state", "skc_v6_daddr", "skc_v6_rcv_saddr", "skc_bind_node", "sk_socket",
    "sk_userlocks", "tw_substate", "tw_timer", "expires", "tw_ts_recent_stamp", "ib_net", "port", "fastreuse", "node", "owners", "ehash", "ehash_mask",
    "bhash", "bhash2", "bhash_size", "lhash2", "lhash2_mask", "list", "ns", "ipv4", "hashinfo", "net_ns", "nsproxy", "nulls_head", "next", "inum", "ops",
    "tcp_death_row", "ip_local_ports", "v6_rcv_saddr", "skc_bound_dev_if", "skc_daddr", "skc_rcv_saddr", "skc_dport",
    "sysctl_local_reserved_ports", "dev_base_head", "dev_list", "ip_ptr", "ip6_ptr", "ifa_list", "ifa_next", "ifa_local", "addr_list", "if_list", "addr",
    "l3mdev", "dev_index_head", "ifindex", "priv_flags", "index_hlist", "adj_list", "master", "dev", "sysctl_tcp_l3mdev_accept",
    "udp_table", "hash", "mask", "hash_mix", "head", "first", "count", "skc_node", "sk_uid", "vfs_inode",
};

static bool is_among(const char *name, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!strcmp(name, names[i])) return true;
  return false;
}
#define IS_AMONG(name, names) is_among(name, names, sizeof names / sizeof *names)

static uint64_t state;
static uint32_t random_below(uint32_t limit) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16) % limit;
}

static size_t extra(uint32_t info, uint32_t count) {
  switch (BTF_INFO_KIND(info)) {
    case BTF_KIND_INT: case BTF_KIND_VAR: case 17: return 4;  // 17: a declaration's tag
    case BTF_KIND_ARRAY: return sizeof(struct btf_array);
    case BTF_KIND_STRUCT: case BTF_KIND_UNION: return count * sizeof(struct btf_member);
    case BTF_KIND_ENUM: return count * sizeof(struct btf_enum);
    case 19: return count * 12;  // enum of 64 bits
    case BTF_KIND_FUNC_PROTO: return count * sizeof(struct btf_param);
    case BTF_KIND_DATASEC: return count * sizeof(struct btf_var_secinfo);
    default: return 0;
  }
}

/// Moves some members, each by a few words. Returns how many.
static int mutate(char *bytes) {
  struct btf_header *header = (struct btf_header *)bytes;
  char *at = bytes + header->hdr_len + header->type_off, *end = at + header->type_len, *text = bytes + header->hdr_len + header->str_off;
  int moved = 0;
  while (at < end) {
    struct btf_type *type = (struct btf_type *)at;
    uint32_t count = BTF_INFO_VLEN(type->info);
    at += sizeof *type;
    if (BTF_INFO_KIND(type->info) == BTF_KIND_STRUCT && IS_AMONG(text + type->name_off, structures)) {
      struct btf_member *all = (struct btf_member *)at;
      for (uint32_t i = 0; i < count; i++) {
        if (!IS_AMONG(text + all[i].name_off, members) || random_below(16)) continue;
        int32_t by = ((int32_t)random_below(17) - 8) * 8;
        if (random_below(4) == 0) by = (int32_t)random_below(512) & ~3;
        int64_t offset = (all[i].offset & 0xffffff) / 8 + by;
        if (offset < 0 || offset * 8 > 0xffffff) continue;
        all[i].offset = (all[i].offset & 0xff000000) | (uint32_t)offset * 8;
        moved++;
      }
    }
    at += extra(type->info, count);
  }
  return moved;
}

// MARK: Counting with wrong types

int main(int count, char **arguments) {
  int seeds = count > 1 ? atoi(arguments[1]) : 60;
  const char *problem = cbpf_load(&library, "libbpf.so.1");
  int file = open("/sys/kernel/btf/vmlinux", O_RDONLY);
  if (problem || file < 0) {
    printf("mutations: SKIPPED: %s\n", problem ? problem : "no type information");
    return 0;
  }
  static char original[16 << 20], changed[16 << 20];
  size_t size = 0;
  for (ssize_t got; (got = read(file, original + size, sizeof original - size)) > 0;) size += (size_t)got;
  // As in libbpf.h.
  struct {
    size_t size;
    const char *name;
    bool relaxed;
    const char *pins;
    uint32_t unused;
    const char *configuration, *types;
  } options = {.size = sizeof options, .types = "/tmp/types"};
  int refused = 0, given_up = 0, counted = 0;
  for (int seed = 0; seed < seeds; seed++) {
    state = 0x9E3779B97F4A7C15ull * (uint64_t)(seed + 1);
    memcpy(changed, original, size);
    if (seed) mutate(changed);
    int types = open("/tmp/types", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (types < 0 || write(types, changed, size) != (ssize_t)size) return perror("mutations: /tmp/types"), 1;
    close(types);
    // Loads of wrong members are refused by the verifier, so that the other kind goes further.
    cbpf_bytes bytes = seed % 4 == 1 ? cbpf_count() : cbpf_count_probe();
    object = library.open_mem(bytes.start, bytes.count, &options);
    // As for all namespaces of a host.
    if (object) {
      library.map_set_entries(library.find_map(object, "slots"), COUNTS_SLOTS);
      library.map_set_entries(library.find_map(object, "pages"), COUNTS_PAGES);
      library.map_set_entries(library.find_map(object, "states"), COUNTS_BLOCKS);
      library.map_set_entries(library.find_map(object, "address_pages"), COUNTS_ADDRESS_PAGES);
      library.map_set_entries(library.find_map(object, "udp_holders"), COUNTS_UDP_HOLDERS);
    }
    if (!object || library.load(object)) {
      if (!seed) printf("mutations: FAILED: not loaded unchanged: %s\n", cbpf_warnings());
      refused++;
    } else if (count_all()) {
      counted++;
    } else {
      if (!seed) printf("mutations: FAILED: not counted unchanged\n");
      given_up++;
    }
    library.close(object);
  }
  // Emulated, and on a busy host: many times what it takes elsewhere, and a thousandth of what a loop without a budget takes.
  if (longest > 1000) printf("mutations: FAILED: a run held up the kernel\n");
  printf("mutations: %d seeds: %d not loaded, %d given up, %d counted; the longest run took %.0f ms (%s)\n", seeds, refused, given_up, counted, longest,
         longest_name);
  return longest > 1000;
}
