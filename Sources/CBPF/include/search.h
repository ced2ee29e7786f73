// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once

// The memory that the programs which time the search for a free port count into and user space reads, as both sides see it.

/// Who asked for a port.
enum {
  /// connect() of a TCP socket without a port.
  SEARCH_CONNECT,
  /// bind() to port 0, or listen() without bind(), of a TCP socket.
  SEARCH_BIND,
  /// bind() to port 0, connect() or sending without bind(), of a UDP socket.
  SEARCH_UDP,
  SEARCH_KINDS,
};

enum {
  /// The least bound, in nanoseconds; each further one is four times the one before.
  SEARCH_LEAST = 1000,
  SEARCH_BOUNDS = 11,
  /// Places for the beginnings of searches, by the number of the thread.
  SEARCH_THREADS = 4096,
  /// Rows to count in, one for each processor up to this many: two that count in one row wait for each other's memory.
  SEARCH_SHARES = 64,
};

/// How long searches took.
struct search_times {
  /// Of each bucket alone; the last has what took longer than every bound.
  unsigned long long counts[SEARCH_BOUNDS + 1];
  unsigned long long nanoseconds;
};

/// What was counted on some of the processors: a whole number of cache lines.
struct search_share {
  struct search_times kinds[SEARCH_KINDS];
  unsigned long long padding;
};
