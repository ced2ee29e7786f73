// objects
//
// Tries the programs of Sources/CBPF without Swift, so that it can be done on architectures that there is no Swift for: the kernel has to take every
// program, the walks have to find the sockets that are made here and no others, and refused ports have to be counted to the one.
// To be run in a guest and nowhere else, as root. Before Linux 6.1 only refused ports are counted.
//
// objects: the programs that load (count): 2 namespaces, 1088 TCP and 140 UDP sockets

#define _GNU_SOURCE
#include "counter.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>

enum { FIRST_PORT = 20000, LAST_PORT = 29999, SERVER = 10000, CLOSED = 9 };
// As in the kernel's `include/net/tcp_states.h`.
enum { ESTABLISHED = 1, SYN_SENT = 2, FIN_WAIT2 = 5, TIME_WAIT = 6, CLOSE = 7, CLOSE_WAIT = 8, LISTEN = 10 };

static int failures;
__attribute__((format(printf, 3, 4))) static void expect(uint64_t found, uint64_t wanted, const char *format, ...) {
  // One mistake can show in thousands of ports.
  if (found == wanted || ++failures > 20) return;
  char what[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  printf("objects: FAILED: %s: %llu, not %llu\n", what, (unsigned long long)found, (unsigned long long)wanted);
}

__attribute__((noreturn)) static void stop(const char *what) {
  printf("objects: FAILED: %s: %s\n", what, strerror(errno));
  exit(1);
}
static int need(int status, const char *what) {
  if (status < 0) stop(what);
  return status;
}

static void set(const char *file, const char *text) {
  int to = need(open(file, O_WRONLY), file);
  need((int)write(to, text, strlen(text)), file);
  close(to);
}

/// The number after `name` in the line of a file that begins with `line`.
static uint64_t number_in(const char *file, const char *line, const char *name) {
  char text[512], *at, wanted[32];
  snprintf(wanted, sizeof wanted, " %s ", name);
  FILE *from = fopen(file, "r");
  if (!from) stop(file);
  uint64_t number = 0;
  while (fgets(text, sizeof text, from))
    if (!strncmp(text, line, strlen(line)) && (at = strstr(text, wanted))) number = strtoull(at + strlen(wanted), NULL, 10);
  fclose(from);
  return number;
}

// MARK: Sockets

/// What a namespace holds, as far as it was made here.
struct known {
  uint32_t inode;
  uint32_t tcp[2][COUNTS_STATES], udp[2][2];
  uint16_t flags[65536];
  /// Ports towards the server, by family, and those of them in TIME_WAIT.
  uint32_t used[2], waiting[2], holders;
};

typedef union {
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
} address;

static address address_of(const char *text, uint16_t port) {
  address result = {0};
  if (inet_pton(AF_INET, text, &result.four.sin_addr) == 1) {
    result.four.sin_family = AF_INET;
    result.four.sin_port = htons(port);
  } else {
    inet_pton(AF_INET6, text, &result.six.sin6_addr);
    result.six.sin6_family = AF_INET6;
    result.six.sin6_port = htons(port);
  }
  return result;
}
static socklen_t length_of(const address *of) { return of->any.sa_family == AF_INET ? sizeof of->four : sizeof of->six; }

/// A socket that is bound to `local` and connected to `remote`, where these are given. Negative with errno.
static int try_socket(int kind, const address *local, const address *remote) {
  int one = 1, made = need(socket((local ? local : remote)->any.sa_family, kind, 0), "socket");
  if (local && local->four.sin_port) setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if ((local && bind(made, &local->any, length_of(local))) || (remote && connect(made, &remote->any, length_of(remote)) && errno != EINPROGRESS)) {
    int code = errno;
    close(made);
    errno = code;
    return -1;
  }
  return made;
}
static int open_socket(int kind, const address *local, const address *remote) { return need(try_socket(kind, local, remote), "a socket"); }

static uint16_t port_of(int of) {
  address local;
  socklen_t length = sizeof local;
  need(getsockname(of, &local.any, &length), "getsockname");
  return ntohs(local.four.sin_port);
}
static void mark(struct known *known, int of, uint16_t flags) {
  uint16_t port = port_of(of);
  if (port >= FIRST_PORT && port <= LAST_PORT) known->flags[port] |= flags;
}

static int listen_on(struct known *known, const char *text, uint16_t port) {
  address local = address_of(text, port);
  int made = open_socket(SOCK_STREAM, &local, NULL);
  need(listen(made, 4096), "listen");
  known->tcp[local.any.sa_family == AF_INET6][LISTEN]++;
  mark(known, made, COUNTS_USED | COUNTS_BLOCKED | COUNTS_LISTENER | COUNTS_CHOSEN_LISTENER);
  return made;
}

/// Both ends of a connection, which ends at `state`.
static void connect_to(struct known *known, int listener, const char *text, int state, bool binds_first) {
  address remote = address_of(text, port_of(listener)), any = address_of(remote.any.sa_family == AF_INET ? "0.0.0.0" : "::", 0);
  int client = open_socket(SOCK_STREAM, binds_first ? &any : NULL, &remote), server = need(accept(listener, NULL, NULL), "accept");
  bool six = remote.any.sa_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&remote.six.sin6_addr);
  mark(known, client, COUNTS_USED | (binds_first ? COUNTS_BLOCKED : 0) | (state == ESTABLISHED ? COUNTS_LOCAL : 0));
  if (!binds_first) known->used[six]++;
  known->tcp[six][state]++;
  if (state == ESTABLISHED) {
    known->tcp[six][ESTABLISHED]++;
    return;
  }
  close(client);
  if (state == FIN_WAIT2) {
    known->tcp[six][CLOSE_WAIT]++;
    return;
  }
  // The other end has to know.
  char byte;
  need((int)read(server, &byte, 1), "read");
  close(server);
  known->waiting[six]++;
}

/// A socket that is bound to a port, 0 for one of the kernel's choice, and not connected.
static void bind_one(struct known *known, int number, int kind, uint16_t port) {
  bool six = number % 3 == 0, is_udp = kind == SOCK_DGRAM;
  address local = address_of(six ? "::1" : "127.0.0.1", port);
  mark(known, open_socket(kind, &local, NULL), is_udp ? COUNTS_UDP_BOUND : COUNTS_USED | COUNTS_BLOCKED | COUNTS_BOUND);
  if (is_udp) {
    known->udp[six][0]++;
    known->holders += port != 0;
  } else {
    known->tcp[six][CLOSE]++;
  }
}

/// Makes sockets of every kind, `times` as many.
static void make_sockets(struct known *known, int times) {
  set("/proc/sys/net/ipv4/ip_local_port_range", "20000 29999");
  set("/proc/sys/net/ipv4/tcp_tw_reuse", "1");
  struct stat own;
  need(stat("/proc/thread-self/ns/net", &own), "namespace");
  known->inode = (uint32_t)own.st_ino;
  int four = listen_on(known, "127.0.0.1", SERVER), six = listen_on(known, "::1", SERVER);
  for (int i = 0; i < 5 * times; i++) listen_on(known, i % 2 ? "127.0.0.1" : "::", (uint16_t)(FIRST_PORT + 7 * i));
  // Ports of the program's choice come first, while they are all free. Of the TCP ports the last ones are outside of the pool.
  for (int i = 0; i < 10 * times; i++) {
    bind_one(known, i, SOCK_STREAM, (uint16_t)(i < 9 * times ? 25000 + i : 15000 + i));
    bind_one(known, i, SOCK_DGRAM, (uint16_t)(26000 + i));
  }
  for (int i = 0; i < 5 * times; i++) {
    bind_one(known, i, SOCK_STREAM, 0);
    bind_one(known, i, SOCK_DGRAM, 0);
    address remote = address_of(i % 3 ? "127.0.0.1" : "::1", 53);
    mark(known, open_socket(SOCK_DGRAM, NULL, &remote), COUNTS_UDP_LOCAL);
    known->udp[i % 3 == 0][1]++;
  }
  for (int i = 0; i < 30 * times; i++) {
    connect_to(known, four, "127.0.0.1", ESTABLISHED, false);
    if (i % 2) connect_to(known, six, "::1", ESTABLISHED, false);
    if (i % 5 == 0) connect_to(known, four, "::ffff:127.0.0.1", ESTABLISHED, false);
    if (i % 6 == 0) connect_to(known, i % 4 ? four : six, i % 4 ? "127.0.0.1" : "::1", ESTABLISHED, true);
    if (i % 3 == 0) connect_to(known, four, "127.0.0.1", TIME_WAIT, false);
    if (i % 10 == 0) connect_to(known, six, "::1", TIME_WAIT, false);
    if (i % 15 == 0) connect_to(known, four, "127.0.0.1", FIN_WAIT2, false);
  }
}

/// Connections on a device behind which nobody answers, and within the host to that device's own address.
static void use_device(struct known *known) {
  int control = need(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  struct ifreq request = {.ifr_name = "dummy0"};
  address own = address_of("10.9.9.1", 0), mask = address_of("255.255.255.0", 0), remote = address_of("10.9.9.9", 443);
  request.ifr_addr = own.any;
  need(ioctl(control, SIOCSIFADDR, &request), "dummy0");
  request.ifr_addr = mask.any;
  need(ioctl(control, SIOCSIFNETMASK, &request), "dummy0");
  request.ifr_flags = IFF_UP | IFF_NOARP;
  need(ioctl(control, SIOCSIFFLAGS, &request), "dummy0");
  close(control);
  for (int i = 0; i < 20; i++) {
    int made = open_socket(SOCK_STREAM | SOCK_NONBLOCK, NULL, &remote);
    known->tcp[0][SYN_SENT]++;
    mark(known, made, COUNTS_USED | COUNTS_CLIENT);
  }
  uint32_t to_loopback = known->used[0];
  int listener = listen_on(known, "10.9.9.1", SERVER + 1);
  for (int i = 0; i < 10; i++) connect_to(known, listener, "10.9.9.1", ESTABLISHED, false);
  known->used[0] = to_loopback;
}

static void raise_loopback(void) {
  int control = need(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING};
  need(ioctl(control, SIOCSIFFLAGS, &request), "lo");
  close(control);
}

// MARK: Counting

static void compare(const struct known *known, uint32_t slot, bool has_udp) {
  const struct counts_states *states = memory("states");
  const struct counts_slot *own = (const struct counts_slot *)memory("slots") + slot;
  const struct counts_page *pages = memory("pages");
  for (int six = 0; six < 2; six++) {
    for (int state = 0; state < COUNTS_STATES; state++)
      expect(states[slot].tcp[six][state][0], known->tcp[six][state], "slot %u: TCP over IPv%d in the state %d", slot, six ? 6 : 4, state);
    for (int is_connected = 0; has_udp && is_connected < 2; is_connected++)
      expect(states[slot].udp[six][is_connected][0], known->udp[six][is_connected], "slot %u: UDP over IPv%d, connected %d", slot, six ? 6 : 4, is_connected);
  }
  const uint16_t tcp = COUNTS_USED | COUNTS_BLOCKED | COUNTS_LISTENER | COUNTS_CHOSEN_LISTENER | COUNTS_BOUND | COUNTS_LOCAL | COUNTS_CLIENT;
  const uint16_t looked_at = tcp | (has_udp ? COUNTS_UDP_BOUND | COUNTS_UDP_LOCAL | COUNTS_UDP_CLIENT : 0);
  for (int port = 0; port < 65536; port++) {
    if (!(known->flags[port] & looked_at) && !own->pages[port / COUNTS_PAGE_PORTS]) continue;
    uint16_t flags = pages[own->pages[port / COUNTS_PAGE_PORTS]].flags[port % COUNTS_PAGE_PORTS];
    bool is_pool = port >= FIRST_PORT && port <= LAST_PORT;
    expect(flags & COUNTS_POOL, is_pool, "slot %u: port %d is in the pool", slot, port);
    if (is_pool) expect(flags & looked_at, known->flags[port] & looked_at, "slot %u: the flags of port %d", slot, port);
  }
  expect(own->lost_pages + own->lost_addresses + own->lost_own + own->lost_devices + own->unsure_overlaps + own->lost_vrf_ports + own->lost_udp_holders, 0,
         "slot %u: lost", slot);
}

static void compare_tuple(const struct counts_tuple *counts, const struct known *known, bool six, uint32_t slot) {
  expect(counts->used, known->used[six], "slot %u: ports towards the server over IPv%d", slot, six ? 6 : 4);
  expect(counts->reusable, known->waiting[six], "slot %u: of these over IPv%d, how many can be taken over", slot, six ? 6 : 4);
  expect((uint64_t)counts->returning[0] + counts->returning[1] + counts->returning[2] + counts->returning[3], known->waiting[six],
         "slot %u: of these over IPv%d, how many return", slot, six ? 6 : 4);
}

/// Finds the tuples towards the server.
static void compare_tuples(const struct known *known, uint32_t slot, uint32_t generation) {
  const struct counts_tuple4 *four = memory("tuples4");
  const struct counts_tuple6 *six = memory("tuples6");
  int found[2] = {0};
  for (int i = 0; i < COUNTS_TUPLES4; i++) {
    if (four[i].generation != generation || four[i].slot != slot || four[i].destination != htonl(INADDR_LOOPBACK)) continue;
    if (four[i].port != htons(SERVER)) continue;
    compare_tuple(&four[i].counts, known, false, slot);
    found[0]++;
  }
  for (int i = 0; i < COUNTS_TUPLES6; i++) {
    if (six[i].generation != generation || six[i].slot != slot || six[i].port != htons(SERVER)) continue;
    compare_tuple(&six[i].counts, known, true, slot);
    found[1]++;
  }
  expect((uint64_t)found[0], 1, "slot %u: tuples towards the server over IPv4", slot);
  expect((uint64_t)found[1], 1, "slot %u: tuples towards the server over IPv6", slot);
}

/// Loads an object, with memory for all namespaces of a host. 0, or an error; ``object`` is to be closed either way.
static int load(cbpf_bytes bytes) {
  static const struct {
    const char *name;
    uint32_t entries;
  } sizes[] = {
      {"slots", COUNTS_SLOTS},
      {"pages", COUNTS_PAGES},
      {"states", COUNTS_BLOCKS},
      {"address_pages", COUNTS_ADDRESS_PAGES},
      {"udp_holders", COUNTS_UDP_HOLDERS},
  };
  object = library.open_mem(bytes.start, bytes.count, NULL);
  if (!object) return -1;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct bpf_map *map = library.find_map(object, sizes[i].name);
    if (map) library.map_set_entries(map, sizes[i].entries);
  }
  return library.load(object);
}

/// Counts with the programs that are loaded, twice, and holds it against what was made in both namespaces and what the kernel says of this one.
static void count_known(const char *name, const struct known *known) {
  for (int times = 0; times < 2; times++) {
    if (!count_all()) {
      printf("objects: FAILED: %s do not come to an end\n", name);
      failures++;
      return;
    }
    const struct counts_totals *totals = memory(".bss.totals");
    const struct counts_namespaces *namespaces = memory(".bss.namespaces");
    const struct counts_settings *settings = memory(".bss.settings");
    bool has_udp = namespaces->found[0].udp_table != 0;
    uint64_t tcp = 0, udp = 0, holders = 0;
    uint32_t bound = 0;
    expect(namespaces->count, 2, "namespaces");
    for (uint32_t slot = 0; slot < 2; slot++) {
      expect(namespaces->found[slot].inode, known[slot].inode, "slot %u: its number", slot);
      expect(namespaces->found[slot].first_port, FIRST_PORT, "slot %u: its first port", slot);
      expect(namespaces->found[slot].last_port, LAST_PORT, "slot %u: its last port", slot);
      compare(&known[slot], slot, has_udp);
      compare_tuples(&known[slot], slot, settings->generation);
      for (int six = 0; six < 2; six++) {
        for (int state = 0; state < COUNTS_STATES; state++) tcp += known[slot].tcp[six][state];
        if (!slot) bound += known[slot].tcp[six][CLOSE];
        udp += known[slot].udp[six][0] + known[slot].udp[six][1];
      }
      holders += known[slot].holders;
    }
    expect(totals->sockets, tcp, "TCP sockets");
    expect(totals->torn + totals->moved + totals->unreadable + totals->lost_tuples + totals->long_lists, 0, "sockets that changed or were lost");
    if (has_udp) expect(totals->udp_holders, holders, "who holds UDP ports");
    const struct counts_states *states = memory("states");
    uint64_t own = 0, own_udp = 0;
    for (int six = 0; six < 2; six++) {
      for (int state = 0; state < COUNTS_STATES; state++) own += states[0].tcp[six][state][0];
      own_udp += states[0].udp[six][0][0] + states[0].udp[six][1][0];
    }
    const char *four = "/proc/net/sockstat", *six = "/proc/net/sockstat6";
    // Sockets that are only bound are not in it.
    expect(own - bound, number_in(four, "TCP:", "inuse") + number_in(four, "TCP:", "tw") + number_in(six, "TCP6:", "inuse"), "TCP sockets by sockstat");
    if (has_udp) expect(own_udp, number_in(four, "UDP:", "inuse") + number_in(six, "UDP6:", "inuse"), "UDP sockets by sockstat");
    if (times)
      printf("objects: %s: 2 namespaces, %llu TCP and %llu UDP sockets%s\n", name, (unsigned long long)totals->sockets,
             (unsigned long long)(has_udp ? udp : 0), has_udp ? "" : " (UDP is counted from Linux 6.2 on)");
  }
}

// MARK: Refused ports

static const char *const kinds[] = {"connect", "connect_bound", "bind", "udp"};

/// Tries until it is refused a port with `code`, and then as often as to be refused it `times` in all.
static void exhaust(int kind, const address *local, const address *remote, int code, int times) {
  for (int tries = 0, refused = 0; refused < times; tries++) {
    if (try_socket(kind, local, remote) >= 0) {
      if (tries > 1000) stop("there is no end to the ports");
      continue;
    }
    if (errno != code && !(code == EADDRINUSE && errno == EAGAIN)) stop("another error than that there is no port");
    refused++;
  }
}

static void fail_with(int kind, const address *local, const address *remote, int code) {
  int made = try_socket(kind, local, remote);
  expect(made < 0 ? (uint64_t)errno : 0, (uint64_t)code, "an error that is no refusal");
}

/// Is refused ports of every kind in a namespace of its own, and holds what the programs counted against it.
static void refuse(const char *name, bool counts_all) {
  need(unshare(CLONE_NEWNET), "unshare");
  raise_loopback();
  set("/proc/sys/net/ipv4/ip_local_port_range", "30000 30099");
  struct stat own;
  need(stat("/proc/thread-self/ns/net", &own), "namespace");
  static struct known ignored;
  listen_on(&ignored, "127.0.0.1", SERVER);
  listen_on(&ignored, "::1", SERVER);
  address four = address_of("127.0.0.1", SERVER), six = address_of("::1", SERVER), any = address_of("0.0.0.0", 0), own_port = address_of("127.0.0.1", 31000);
  address closed = address_of("127.0.0.1", CLOSED), foreign = address_of("192.0.2.1", 0), taken = address_of("127.0.0.1", SERVER);
  exhaust(SOCK_STREAM, NULL, &four, EADDRNOTAVAIL, 25);
  exhaust(SOCK_STREAM, NULL, &six, EADDRNOTAVAIL, 13);
  open_socket(SOCK_STREAM, &own_port, &four);
  exhaust(SOCK_STREAM, &own_port, &four, EADDRNOTAVAIL, 7);
  exhaust(SOCK_STREAM, &any, NULL, EADDRINUSE, 11);
  exhaust(SOCK_DGRAM, &any, NULL, EADDRINUSE, 5);
  fail_with(SOCK_STREAM, &(address){.four = address_of("127.0.0.1", 31001).four}, &closed, ECONNREFUSED);
  fail_with(SOCK_STREAM, &foreign, NULL, EADDRNOTAVAIL);
  fail_with(SOCK_STREAM, &taken, NULL, EADDRINUSE);
  const uint64_t wanted[] = {25 + 13, counts_all ? 7 : 0, counts_all ? 11 : 0, counts_all ? 5 : 0};

  const struct refusals_namespace *in = memory("refused_in");
  const struct refusals_case *cases = memory("refused");
  const struct refusals_control *control = memory(".bss.control");
  uint64_t found[REFUSALS_KINDS] = {0}, over[2] = {0}, by_case[REFUSALS_KINDS] = {0};
  for (int i = 0; i < 2 * REFUSALS_NAMESPACES; i++) {
    if (!in[i].is_used) continue;
    expect(in[i].netns, own.st_ino, "%s: the namespace", name);
    for (int kind = 0; kind < REFUSALS_KINDS; kind++) found[kind] += in[i].counts[kind];
  }
  struct in6_addr mapped, loopback = IN6ADDR_LOOPBACK_INIT;
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped);
  for (int i = 0; i < 2 * REFUSALS_CASES; i++) {
    const struct refusals_key *key = &cases[i].key;
    if (!cases[i].is_used) continue;
    if (key->kind < REFUSALS_KINDS) by_case[key->kind] += cases[i].count;
    char program[16];
    prctl(PR_GET_NAME, program);
    expect(memcmp(key->program, program, sizeof program) == 0, true, "%s: who was refused is %s", name, program);
    if (key->kind != REFUSALS_CONNECT) continue;
    expect(key->port, htons(SERVER), "%s: the port that it was refused towards", name);
    if (!memcmp(key->destination, &mapped, 16)) over[0] += cases[i].count;
    if (!memcmp(key->destination, &loopback, 16)) over[1] += cases[i].count;
  }
  for (int kind = 0; kind < REFUSALS_KINDS; kind++) {
    expect(found[kind], wanted[kind], "%s: refused, %s", name, kinds[kind]);
    expect(by_case[kind], wanted[kind], "%s: refused, %s, by case", name, kinds[kind]);
  }
  expect(over[0], 25, "%s: refused towards 127.0.0.1", name);
  expect(over[1], 13, "%s: refused towards ::1", name);
  expect(control->unlisted, 0, "%s: without a row", name);
  printf("objects: %s: %llu connect, %llu connect_bound, %llu bind, %llu udp refused\n", name, (unsigned long long)found[0], (unsigned long long)found[1],
         (unsigned long long)found[2], (unsigned long long)found[3]);
}

/// Has ports searched for in a namespace of its own, and holds the searches that were timed against that.
static void search_ports(void) {
  need(unshare(CLONE_NEWNET), "unshare");
  raise_loopback();
  static struct known ignored;
  listen_on(&ignored, "127.0.0.1", SERVER);
  listen_on(&ignored, "::1", SERVER);
  const struct search_share *shares = memory("searched");
  address four = address_of("127.0.0.1", SERVER), six = address_of("::1", SERVER), any = address_of("127.0.0.1", 0);
  for (int i = 0; i < 7; i++) open_socket(SOCK_STREAM, NULL, &four);
  for (int i = 0; i < 5; i++) open_socket(SOCK_STREAM, NULL, &six);
  for (int i = 0; i < 10; i++) open_socket(SOCK_STREAM, &any, i % 2 ? &four : NULL);
  for (int i = 0; i < 6; i++) open_socket(SOCK_DGRAM, i % 2 ? &any : NULL, i % 2 ? NULL : &four);
  // What has a port already, or asks for one of its own choice, searches for none.
  for (int i = 0; i < 3; i++) {
    address chosen = address_of("127.0.0.1", (uint16_t)(15000 + i));
    open_socket(SOCK_STREAM, &chosen, &four);
    open_socket(SOCK_DGRAM, &chosen, &four);
  }
  uint64_t found[SEARCH_KINDS] = {0};
  for (int share = 0; share < SEARCH_SHARES; share++)
    for (int kind = 0; kind < SEARCH_KINDS; kind++)
      for (int bucket = 0; bucket <= SEARCH_BOUNDS; bucket++) found[kind] += shares[share].kinds[kind].counts[bucket];
  expect(found[SEARCH_CONNECT], 12, "searches by connect()");
  expect(found[SEARCH_BIND], 10, "searches by bind()");
  expect(found[SEARCH_UDP], 6, "searches for UDP");
  printf("objects: the programs that time searches (search): %llu connect, %llu bind, %llu udp\n", (unsigned long long)found[SEARCH_CONNECT],
         (unsigned long long)found[SEARCH_BIND], (unsigned long long)found[SEARCH_UDP]);
}

static bool attach_all(const char *const *names, int count, int *links) {
  for (int i = 0; i < count; i++) {
    links[i] = cbpf_attach(library.program_fd(library.find_program(object, names[i])));
    if (links[i] >= 0) continue;
    int code = errno;
    while (i > 0) close(links[--i]);
    errno = code;
    return false;
  }
  return true;
}

int main(void) {
  struct utsname system;
  int major = 0, minor = 0;
  uname(&system);
  if (sscanf(system.release, "%d.%d", &major, &minor) != 2) stop(system.release);
  int version = major * 1000 + minor;
  printf("objects: Linux %s, %s, pages of %ld bytes\n", system.release, system.machine, sysconf(_SC_PAGESIZE));
  const char *problem = cbpf_load(&library, "libbpf.so.1");
  if (problem || access("/sys/kernel/btf/vmlinux", R_OK)) {
    printf("objects: FAILED: %s\n", problem ? problem : "no type information");
    return 1;
  }
  struct rlimit files = {16384, 16384};
  setrlimit(RLIMIT_NOFILE, &files);

  // A TIME_WAIT of the kernel's first second has the time 0, which stands for none.
  sleep(2);
  // The first namespace found is that of the thread, so that is the second one that is made.
  static struct known known[2];
  make_sockets(&known[1], 2);
  use_device(&known[1]);
  need(unshare(CLONE_NEWNET), "unshare");
  raise_loopback();
  make_sockets(&known[0], 5);
  // A TIME_WAIT can be taken over after a second.
  sleep(3);
  static const struct {
    const char *name;
    cbpf_bytes (*bytes)(void);
    int since;
  } counters[] = {{"the programs that load (count)", cbpf_count, 6002}, {"the programs that call (count-probe)", cbpf_count_probe, 6001}};
  for (int i = 0; i < 2; i++) {
    cbpf_forget_warnings();
    bool is_loaded = !load(counters[i].bytes());
    expect(is_loaded, version >= counters[i].since, "%s are taken by the kernel", counters[i].name);
    if (is_loaded) count_known(counters[i].name, known);
    else if (version >= counters[i].since) printf("%s\n", cbpf_warnings());
    else printf("objects: %s are not taken, as expected before Linux %d.%d\n", counters[i].name, counters[i].since / 1000, counters[i].since % 1000);
    library.close(object);
  }
  printf("objects: the longest run took %.0f ms (%s)\n", longest, longest_name);
  // Emulated: many times what it takes elsewhere.
  expect(longest > 1000, 0, "a run held up the kernel");

  static const char *const followers[] = {"refused_connect", "refused_connect6", "refused_bind", "refused_udp"};
  static const struct {
    const char *name;
    cbpf_bytes (*bytes)(void);
    int programs;
  } watchers[] = {{"the programs that follow functions (refusals)", cbpf_refusals, 4}, {"the program on the tracepoint (refusals-tracepoint)", cbpf_refusals_tracepoint, 1}};
  // On arm64 programs can be attached to functions from Linux 6.4 on (`DYNAMIC_FTRACE_WITH_DIRECT_CALLS`).
  bool can_follow = strcmp(system.machine, "aarch64") || version >= 6004;
  for (int i = 0; i < 2; i++) {
    cbpf_forget_warnings();
    int links[4];
    if (load(watchers[i].bytes())) {
      printf("objects: FAILED: %s are not taken by the kernel\n%s\n", watchers[i].name, cbpf_warnings());
      failures++;
    } else if (!attach_all(followers, watchers[i].programs, links)) {
      int code = errno;
      expect(false, i || can_follow, "%s are attached", watchers[i].name);
      expect((uint64_t)code, 524, "%s: the error, ENOTSUPP", watchers[i].name);
      printf("objects: %s cannot be attached, as expected on arm64 before Linux 6.4\n", watchers[i].name);
    } else {
      expect(true, i || can_follow, "%s are attached", watchers[i].name);
      refuse(watchers[i].name, !i);
      for (int link = 0; link < watchers[i].programs; link++) close(links[link]);
    }
    library.close(object);
  }
  static const char *const timers[] = {"begin_connect", "end_connect", "begin_connect6", "end_connect6", "begin_bind", "end_bind", "begin_udp", "end_udp"};
  int links[8];
  cbpf_forget_warnings();
  if (load(cbpf_search())) {
    printf("objects: FAILED: the programs that time searches are not taken by the kernel\n%s\n", cbpf_warnings());
    failures++;
  } else if (attach_all(timers, 8, links)) {
    expect(true, can_follow, "the programs that time searches are attached");
    search_ports();
    for (int link = 0; link < 8; link++) close(links[link]);
  } else {
    expect((uint64_t)errno, can_follow ? 0 : 524, "the programs that time searches: the error");
    printf("objects: the programs that time searches (search) cannot be attached, as expected on arm64 before Linux 6.4\n");
  }
  library.close(object);
  printf("objects: %s\n", failures ? "FAILED" : "all as expected");
  return failures != 0;
}
