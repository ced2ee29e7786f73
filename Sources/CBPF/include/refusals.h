// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once

// The memory that the programs which learn of refused ports count into and user space reads, as both sides see it. Every structure has the same layout
// whatever the compiler: members in order of size, no holes, a multiple of eight bytes long.

/// The name of threads that try out what the kernel refuses. What happens to them is not an outage.
#define REFUSALS_TRIAL "portpool-trial"

/// What was refused.
enum {
  /// connect() of a TCP socket without a port: none is free for its tuple.
  REFUSALS_CONNECT,
  /// connect() of a TCP socket that has a port: another socket has the same port to the same destination.
  REFUSALS_CONNECT_BOUND,
  /// bind() to port 0, or listen() without bind(), of a TCP socket.
  REFUSALS_BIND,
  /// bind() to port 0, connect() or sending without bind(), of a UDP socket.
  REFUSALS_UDP,
  REFUSALS_KINDS,
};

enum {
  /// Rows of a table. There are two of each kind: one is filled while user space empties the other.
  REFUSALS_NAMESPACES = 512,
  REFUSALS_CASES = 1024,
  /// How many rows are searched for the right one.
  REFUSALS_PROBES = 16,
  /// Rows being taken into use, in both tables.
  REFUSALS_CLAIMS = 8192,
};

/// How many were refused in a namespace.
struct refusals_namespace {
  unsigned int is_used;
  /// The namespace's number, as `/proc/PID/ns/net` shows it.
  unsigned int netns;
  /// Tells a namespace from an earlier one with the same number; 0 before Linux 5.14.
  unsigned long long cookie;
  unsigned long long counts[REFUSALS_KINDS];
  /// CLOCK_MONOTONIC in nanoseconds, of the last one.
  unsigned long long last;
};

/// Who was refused a port, and for what. Addresses in network byte order, IPv4 as IPv4-mapped IPv6.
struct refusals_key {
  unsigned int netns;
  unsigned short kind;
  /// The destination's, in network byte order; 0 if there is none.
  unsigned short port;
  unsigned long long cookie;
  unsigned long long source[2];
  unsigned long long destination[2];
  /// The thread's name, as `/proc/PID/comm` shows it, padded with zeros.
  unsigned long long program[2];
};
struct refusals_case {
  unsigned int is_used;
  unsigned int padding;
  struct refusals_key key;
  unsigned long long count;
  unsigned long long last;
};

struct refusals_control {
  /// Which tables are filled: the first ones if even. Set by user space.
  unsigned int generation;
  unsigned int padding;
  /// Refused in namespaces for which the table had no room.
  unsigned long long elsewhere[REFUSALS_KINDS];
  /// Refused without a row in the table of cases.
  unsigned long long unlisted;
};
