// mutations [SEEDS]
//
// Counts in the kernel with wrong ideas of its structures: for each seed a few members of those that the programs read are moved, by a changed copy of the
// kernel's own type information. Whatever they then take for sockets and lists, the kernel must not be held up: every run of a program has to end soon, and
// the count has to come to an end or be given up. To be run in a guest and nowhere else.
//
// The programs that count refused ports are treated likewise: with them attached, calls of every kind are refused a port. Each call has to return soon, and
// however wrong the namespaces and addresses are, no more may be counted than was refused.
//
// mutations: 60 seeds: 31 not loaded, 20 given up, 9 counted; the longest run took 12 ms (count_established)
// mutations of refusals: 121 seeds: 51 not loaded, 70 counted, 17 of them wrongly; the longest call took 65 ms

#include "counter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

static const char *const refusal_structures[] = {"sock_common", "sock", "inet_sock", "net", "ns_common"};
static const char *const refusal_members[] = {
    "skc_net", "skc_num", "skc_family", "skc_dport", "skc_daddr", "skc_rcv_saddr", "skc_v6_daddr", "skc_v6_rcv_saddr", "ns", "inum", "net_cookie",
    "inet_sport", "sk_err", "net", "__sk_common",
};

static bool is_among(const char *name, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!strcmp(name, names[i])) return true;
  return false;
}
#define COUNT(array) (sizeof array / sizeof *array)

/// What is moved: one in so many of these members of these structures.
struct moved {
  const char *const *structures, *const *members;
  size_t structure_count, member_count;
  uint32_t one_in;
};
static const struct moved counting = {structures, members, COUNT(structures), COUNT(members), 16};
static const struct moved refusing = {refusal_structures, refusal_members, COUNT(refusal_structures), COUNT(refusal_members), 8};

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
static int mutate(char *bytes, const struct moved *what) {
  struct btf_header *header = (struct btf_header *)bytes;
  char *at = bytes + header->hdr_len + header->type_off, *end = at + header->type_len, *text = bytes + header->hdr_len + header->str_off;
  int moved = 0;
  while (at < end) {
    struct btf_type *type = (struct btf_type *)at;
    uint32_t count = BTF_INFO_VLEN(type->info);
    at += sizeof *type;
    if (BTF_INFO_KIND(type->info) == BTF_KIND_STRUCT && is_among(text + type->name_off, what->structures, what->structure_count)) {
      struct btf_member *all = (struct btf_member *)at;
      for (uint32_t i = 0; i < count; i++) {
        if (!is_among(text + all[i].name_off, what->members, what->member_count) || random_below(what->one_in)) continue;
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

// MARK: Refused ports

/// How many calls were refused a port, by kind, and the longest that one took.
static uint64_t refused[REFUSALS_KINDS];
static double longest_call;

typedef int (*socket_call)(int descriptor, const struct sockaddr *address, socklen_t size);

/// Makes a socket and calls `call` with it, after `bind` to `from` unless that is 0. Returns the socket, or -1 if it was refused.
static int attempt(socket_call call, int family, int type, in_port_t from, in_port_t to, int kind) {
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons(to)};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(to)}, own = four;
  int descriptor = socket(family, type, 0), yes = 1;
  if (from) {
    own.sin_port = htons(from);
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(descriptor, (struct sockaddr *)&own, sizeof own)) perror("mutations: bind");
  }
  double start = milliseconds();
  int status = family == AF_INET6 ? call(descriptor, (struct sockaddr *)&six, sizeof six) : call(descriptor, (struct sockaddr *)&four, sizeof four);
  int reason = errno;
  double took = milliseconds() - start;
  if (took > longest_call) longest_call = took;
  if (!status) return descriptor;
  if (reason == EADDRNOTAVAIL || reason == EADDRINUSE || reason == EAGAIN) refused[kind]++;
  close(descriptor);
  return -1;
}

/// Has calls of every kind refused: the namespace has two ports, and both are taken.
static void be_refused(void) {
  int held[16], count = 0;
  for (in_port_t port = 40000; port < 40002; port++) {
    held[count++] = attempt(bind, AF_INET, SOCK_STREAM, 0, port, REFUSALS_BIND);
    held[count++] = attempt(bind, AF_INET, SOCK_DGRAM, 0, port, REFUSALS_UDP);
  }
  held[count++] = attempt(bind, AF_INET, SOCK_STREAM, 0, 8080, REFUSALS_BIND);
  for (int i = 0; i < count; i++) listen(held[i], 16);
  for (int i = 0; i < 5; i++) attempt(connect, AF_INET, SOCK_STREAM, 0, 8080, REFUSALS_CONNECT);
  for (int i = 0; i < 4; i++) attempt(connect, AF_INET6, SOCK_STREAM, 0, 8080, REFUSALS_CONNECT);
  for (int i = 0; i < 3; i++) attempt(bind, AF_INET, SOCK_STREAM, 0, 0, REFUSALS_BIND);
  for (int i = 0; i < 2; i++) attempt(bind, AF_INET, SOCK_DGRAM, 0, 0, REFUSALS_UDP);
  for (int i = 0; i < 2; i++) attempt(connect, AF_INET, SOCK_DGRAM, 0, 9, REFUSALS_UDP);
  // The first of these is connected.
  for (int i = 0; i < 3; i++) {
    int client = attempt(connect, AF_INET, SOCK_STREAM, 50000, 8080, REFUSALS_CONNECT_BOUND);
    if (client >= 0) held[count++] = client;
  }
  struct linger none = {.l_onoff = 1};
  for (int i = 0; i < count; i++) {
    setsockopt(held[i], SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(held[i]);
  }
}

static uint64_t sum(const uint64_t *counts) {
  uint64_t all = 0;
  for (int kind = 0; kind < REFUSALS_KINDS; kind++) all += counts[kind];
  return all;
}

/// Whether a case is one of those that `be_refused` makes.
static bool is_right(const struct refusals_key *key, ino_t namespace) {
  static const uint8_t mapped[16] = {[10] = 0xFF, [11] = 0xFF, [12] = 127, [15] = 1}, unbound[16] = {[10] = 0xFF, [11] = 0xFF}, six[16] = {[15] = 1};
  bool is_local = !memcmp(key->source, mapped, 16) || !memcmp(key->source, six, 16) || !memcmp(key->source, unbound, 16);
  bool has_destination = key->kind == REFUSALS_CONNECT || key->kind == REFUSALS_CONNECT_BOUND;
  return key->netns == namespace && is_local && key->port == (has_destination ? htons(8080) : 0) &&
         (!has_destination || !memcmp(key->destination, key->source, 16));
}

/// Attaches the programs and has calls refused. Returns what must not be; NULL if all is well. With changed types kinds, namespaces and addresses may be
/// wrong, and `is_wrong` says whether they were.
static const char *count_refusals(bool is_tracepoint, bool is_changed, bool *is_wrong) {
  static const char *const names[] = {"refused_connect", "refused_connect6", "refused_bind", "refused_udp"};
  int links[COUNT(names)], attached = 0;
  bool cannot_attach = false;
  for (int i = 0; i < (is_tracepoint ? 1 : 4); i++) {
    links[attached] = cbpf_attach(library.program_fd(library.find_program(object, names[i])));
    if (links[attached] >= 0) attached++;
    // ENOTSUPP: on arm64 before Linux 6.4 programs follow no function.
    else cannot_attach |= errno == 524;
  }
  memset(refused, 0, sizeof refused);
  be_refused();
  for (int i = 0; i < attached; i++) close(links[i]);
  struct refusals_control *control = memory(".bss.control");
  struct refusals_namespace *rows = memory("refused_in");
  struct refusals_case *cases = memory("refused");
  if (!control || !rows || !cases) return "no memory";
  struct stat own;
  if (stat("/proc/self/ns/net", &own)) return "no namespace";
  uint64_t counted[REFUSALS_KINDS] = {0}, listed = control->unlisted;
  for (int kind = 0; kind < REFUSALS_KINDS; kind++) {
    counted[kind] = control->elsewhere[kind];
    for (int row = 0; row < 2 * REFUSALS_NAMESPACES; row++) counted[kind] += rows[row].counts[kind];
  }
  for (int row = 0; row < 2 * REFUSALS_CASES; row++) listed += cases[row].count;
  uint64_t all = sum(counted);
  // The tracepoint knows one kind only.
  *is_wrong = memcmp(counted, refused, is_tracepoint ? sizeof *counted : sizeof counted) != 0;
  for (int row = 0; row < 2 * REFUSALS_CASES; row++) *is_wrong |= cases[row].is_used && !is_right(&cases[row].key, own.st_ino);
  if (listed != all) return "namespaces and cases differ";
  // Whether a call was refused is what the kernel's function returned, which no structure can change; the tracepoint takes a socket's word for it.
  if (is_tracepoint) return all > sum(refused) + 1 ? "more counted than refused" : !is_changed && *is_wrong ? "wrong" : NULL;
  if (cannot_attach) return all ? "counted without being attached" : NULL;
  if (attached != 4) return "not attached";
  if (all != sum(refused)) return "not all that was refused was counted, or more";
  return !is_changed && *is_wrong ? "wrong" : NULL;
}

// MARK: Both

static char original[16 << 20], changed[16 << 20];
static size_t size;

/// Opens an object of programs to be loaded with types that differ from the kernel's, unless `seed` is 0.
static bool open_with_types(cbpf_bytes bytes, const struct moved *what, int seed) {
  // As in libbpf.h.
  struct {
    size_t size;
    const char *name;
    bool relaxed;
    const char *pins;
    uint32_t unused;
    const char *configuration, *types;
  } options = {.size = sizeof options, .types = "/tmp/types"};
  state = 0x9E3779B97F4A7C15ull * (uint64_t)(seed + 1);
  memcpy(changed, original, size);
  if (seed) mutate(changed, what);
  int types = open("/tmp/types", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (types < 0 || write(types, changed, size) != (ssize_t)size) {
    perror("mutations: /tmp/types");
    exit(1);
  }
  close(types);
  object = library.open_mem(bytes.start, bytes.count, &options);
  return object != NULL;
}

/// Returns whether it went well.
static bool mutate_counting(int seeds) {
  int refused = 0, given_up = 0, counted = 0;
  for (int seed = 0; seed < seeds; seed++) {
    // Loads of wrong members are refused by the verifier, so that the other kind goes further.
    bool is_open = open_with_types(seed % 4 == 1 ? cbpf_count() : cbpf_count_probe(), &counting, seed);
    // As for all namespaces of a host.
    if (is_open) {
      library.map_set_entries(library.find_map(object, "slots"), COUNTS_SLOTS);
      library.map_set_entries(library.find_map(object, "pages"), COUNTS_PAGES);
      library.map_set_entries(library.find_map(object, "states"), COUNTS_BLOCKS);
      library.map_set_entries(library.find_map(object, "address_pages"), COUNTS_ADDRESS_PAGES);
      library.map_set_entries(library.find_map(object, "udp_holders"), COUNTS_UDP_HOLDERS);
    }
    if (!is_open || library.load(object)) {
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
  return longest <= 1000;
}

static bool mutate_refusing(int seeds) {
  int range = open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY);
  if (range < 0 || write(range, "40000 40001", 11) < 0) return perror("mutations: ip_local_port_range"), false;
  close(range);
  int not_loaded = 0, counted = 0, wrong = 0;
  bool is_well = true;
  for (int seed = 0; seed < seeds; seed++) {
    // Each kind unchanged, and then in turn.
    bool is_tracepoint = seed % 2;
    bool is_changed = seed > 1;
    cbpf_forget_warnings();
    if (!open_with_types(is_tracepoint ? cbpf_refusals_tracepoint() : cbpf_refusals(), &refusing, is_changed ? seed : 0) || library.load(object)) {
      not_loaded++;
      if (!is_changed) printf("mutations: FAILED: refusals: not loaded unchanged: %s\n", cbpf_warnings()), is_well = false;
    } else {
      bool is_wrong = false;
      const char *problem = count_refusals(is_tracepoint, is_changed, &is_wrong);
      if (problem) printf("mutations: FAILED: refusals, seed %d: %s\n", seed, problem), is_well = false;
      counted++;
      wrong += is_wrong;
    }
    library.close(object);
  }
  if (longest_call > 1000) printf("mutations: FAILED: refusals: a call was held up\n"), is_well = false;
  printf("mutations of refusals: %d seeds: %d not loaded, %d counted, %d of them wrongly; the longest call took %.0f ms\n", seeds, not_loaded, counted, wrong,
         longest_call);
  return is_well;
}

int main(int count, char **arguments) {
  int seeds = count > 1 ? atoi(arguments[1]) : 60;
  const char *problem = cbpf_load(&library, "libbpf.so.1");
  int file = open("/sys/kernel/btf/vmlinux", O_RDONLY);
  if (problem || file < 0) {
    printf("mutations: SKIPPED: %s\n", problem ? problem : "no type information");
    return 0;
  }
  for (ssize_t got; (got = read(file, original + size, sizeof original - size)) > 0;) size += (size_t)got;
  close(file);
  bool is_well = mutate_counting(seeds);
  return !(mutate_refusing(seeds + 1) && is_well);
}
