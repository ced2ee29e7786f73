#pragma once

// Loads the programs of Sources/CBPF and counts with them, as SocketCounter does it, for C programs that try them in a guest.

#include "../../Sources/CBPF/CBPF.c"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <time.h>

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static cbpf_library library;
static struct bpf_object *object;
static double longest;
static const char *longest_name = "";

static size_t memory_size(const char *name) {
  struct bpf_map *map = library.find_map(object, name);
  return ((library.map_value_size(map) + 7) & ~(size_t)7) * library.map_entries(map);
}

/// What a map holds, shared with the programs for good.
static void *memory(const char *name) {
  struct bpf_map *map = library.find_map(object, name);
  size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (memory_size(name) + page - 1) / page * page;
  void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, library.map_fd(map), 0);
  return start == MAP_FAILED ? NULL : start;
}

static int run(const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
  uint64_t context[5] = {a, b, c, d, 0};
  uint32_t result = 0;
  double start = milliseconds();
  int status = cbpf_run(library.program_fd(library.find_program(object, name)), context, 5, &result);
  double took = milliseconds() - start;
  if (took > longest) longest = took, longest_name = name;
  return status ? -1 : (int)result;
}

/// As `SocketCounter.count` does it. Whether it came to an end.
static bool walk(const char *program, uint64_t table, uint64_t mask, uint64_t count) {
  double end = milliseconds() + 2000;
  for (uint64_t done = 0; done < count;) {
    int step = mask ? run(program, table, mask, done, count - done) : run(program, table, done, count - done, 0);
    if (step <= 0 || (uint64_t)step > count - done || milliseconds() > end) return false;
    done += (uint64_t)step;
  }
  return true;
}

static bool is_size(uint64_t size) { return size && !(size & (size - 1)) && size <= 1 << 26; }

/// Counts the sockets of the first eight namespaces that are found, in the tables of the first two of them, which may be the same. Whether all of it came
/// to an end.
static bool count_all(void) {
  struct counts_settings *settings = memory(".bss.settings");
  struct counts_namespaces *namespaces = memory(".bss.namespaces");
  struct counts_copied *copied = memory(".bss.copied");
  struct counts_totals *totals = memory(".bss.totals");
  if (!settings || !namespaces || !copied || !totals) return false;
  // What an earlier count left.
  static const char *const counted[] = {".bss.totals", "slots", "states", "sketch", "vrf_ports", "own_addresses"};
  for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
    void *start = memory(counted[i]);
    if (!start) return false;
    memset(start, 0, memory_size(counted[i]));
    munmap(start, memory_size(counted[i]));
  }
  settings->generation++;
  settings->ticks = 250;
  settings->tuple4_mask = COUNTS_TUPLES4 - 1;
  settings->tuple6_mask = COUNTS_TUPLES6 - 1;
  settings->address_page_mask = COUNTS_ADDRESS_PAGES - 1;
  settings->pages = COUNTS_PAGES;
  settings->blocks = 1;
  run("find_namespaces", COUNTS_NAMESPACES, 0, 0, 0);
  cbpf_count_none(namespaces);
  // Whatever was found is counted: also what no namespace is, so that more goes through the programs than with the checks that come first.
  for (uint32_t number = 0; number < namespaces->count && number < 8; number++) cbpf_count_namespace(namespaces, number, number);
  bool is_whole = true;
  for (uint32_t next = 0; next < namespaces->count && next < COUNTS_NAMESPACES;) {
    int step = run("find_own_addresses", next, namespaces->count - next, 0, 0);
    totals->out_of_budget = 0;
    if (step < 0) return false;
    next += step > 0 ? (uint32_t)step : 1;
  }
  uint64_t walked = 0, walked_udp = 0;
  for (uint32_t number = 0; number < 2 && number < namespaces->count; number++) {
    run("copy_reserved_ports", namespaces->found[number].reserved, 0, 0, 0);
    run("copy_tables", namespaces->found[number].hashinfo, 0, 0, 0);
    struct counts_copied tables = *copied;
    uint64_t sizes[] = {tables.bhash_size, tables.lhash2_mask + 1, tables.ehash_mask + 1};
    // A size that would be refused is a smaller one here.
    for (int i = 0; i < 3; i++)
      if (!is_size(sizes[i])) sizes[i] = 4096, is_whole = false;
    if (tables.ehash != walked) {
      is_whole &= walk("count_binds", tables.bhash, 0, sizes[0]);
      is_whole &= walk("count_addresses", tables.bhash2, 0, sizes[0]);
      is_whole &= walk("count_listeners", tables.lhash2, 0, sizes[1]);
      is_whole &= walk("count_established", tables.ehash, sizes[2] - 1, sizes[2]);
      walked = tables.ehash;
    }
    uint64_t udp_table = namespaces->found[number].udp_table;
    if (udp_table == walked_udp) continue;
    walked_udp = udp_table;
    run("copy_udp_table", udp_table, 0, 0, 0);
    uint64_t lists = copied->udp_mask + 1, hash = copied->udp_hash;
    if (!is_size(lists) || lists < 64) lists = 4096, is_whole = false;
    is_whole &= walk("count_udp", hash, lists - 1, lists);
  }
  return is_whole && !totals->out_of_budget;
}
