// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once

// The memory that the programs in the kernel count into and user space reads, as both sides see it. Every structure has the same layout whatever
// the compiler: members in order of size, no holes, a multiple of eight bytes long.

enum {
  /// The most namespaces that are found, and the size of the table that maps each to its slot.
  COUNTS_NAMESPACES = 1024,
  COUNTS_NAMESPACE_TABLE = 4096,
  /// The most namespaces that are counted at once, each in its own slot. User space makes room for one, or for all.
  COUNTS_SLOTS = 512,
  /// What is known of ports is kept in pages of 64 ports, created when one of them is seen: a namespace needs as many as it has ports in use,
  /// not as many as there are. 1,024 pages hold all ports of a namespace.
  COUNTS_PAGE_PORTS = 64,
  COUNTS_OWN_PAGES = 1025,
  COUNTS_PAGES = 32768,
  /// The class of a port says which of IANA's and of the user's ranges it is in. Sockets are counted in blocks of eight classes; a
  /// slot has as many blocks as the classes need.
  COUNTS_CLASSES = 64,
  COUNTS_BLOCK_CLASSES = 8,
  COUNTS_OWN_BLOCKS = COUNTS_CLASSES / COUNTS_BLOCK_CLASSES,
  COUNTS_BLOCKS = 1024,
  COUNTS_STATES = 16,
  /// Local addresses with sockets of their own, over all namespaces, and pages of 256 ports on one of them.
  COUNTS_ADDRESSES = 4096,
  COUNTS_OWN_ADDRESS_PAGES = 16384,
  COUNTS_ADDRESS_PAGES = 32768,
  /// Addresses, and networks, that are the host's own; the table is never more than half full.
  COUNTS_OWN_ADDRESSES = 8192,
  COUNTS_OWN_NETWORKS = 16,
  /// Tuples, and counters of the sketch, by family.
  COUNTS_TUPLES4 = 65536,
  COUNTS_TUPLES6 = 16384,
  COUNTS_CELLS4 = 262144,
  COUNTS_CELLS6 = 131072,
  /// Devices that sockets are bound to, over all namespaces.
  COUNTS_DEVICES = 1024,
  /// Ports that are closed to connect() in a VRF, over all VRFs; the table is never more than half full.
  COUNTS_VRF_PORTS = 32768,
  /// UDP sockets on pool ports that their programs chose, over all namespaces.
  COUNTS_OWN_UDP_HOLDERS = 16384,
  COUNTS_UDP_HOLDERS = 65536,
  /// Added to a tuple's slot where the entry counts what has to be subtracted, not sockets.
  COUNTS_OVERLAP = 0x8000,
};

/// What is known of a port.
enum {
  /// The kernel hands it out: in the range, and not reserved. Set by user space, the rest by the kernel.
  COUNTS_POOL = 1,
  COUNTS_USED = 2,
  /// No connect() is given it, whatever the destination.
  COUNTS_BLOCKED = 4,
  COUNTS_LISTENER = 8,
  /// A socket on a port that its program chose, or one that is not connected.
  COUNTS_BOUND = 16,
  /// Connections within the host, and to other hosts.
  COUNTS_LOCAL = 32,
  COUNTS_CLIENT = 64,
  /// A socket that an IPv4 socket would meet.
  COUNTS_MEETS_IPV4 = 128,
  /// A listener on a port that its program chose.
  COUNTS_CHOSEN_LISTENER = 256,
  /// In use in a VRF. The other flags, except those about listeners, are about sockets outside of VRFs.
  COUNTS_USED_IN_VRF = 512,
  /// A UDP socket that is not connected, is connected within the host, or to another host. A port with a UDP socket has one of these.
  COUNTS_UDP_BOUND = 1024,
  COUNTS_UDP_LOCAL = 2048,
  COUNTS_UDP_CLIENT = 4096,
  /// One that an IPv4 socket would meet, and one that an IPv6-only socket would.
  COUNTS_UDP_MEETS_IPV4 = 8192,
  COUNTS_UDP_MEETS_IPV6 = 16384,
};

/// A namespace as it was found. Addresses are the kernel's, and are only ever handed back to it.
struct counts_namespace {
  unsigned long long address, hashinfo, reserved, udp_table;
  unsigned int inode, time_wait_delay, step_width;
  unsigned short first_port, last_port;
  unsigned char time_wait_reuse, timestamps, ipv6_only, padding[5];
};

struct counts_namespaces {
  struct counts_namespace found[COUNTS_NAMESPACES];
  unsigned int count, padding;
  /// Which namespaces are counted, by address: open addressing. Written by user space.
  struct {
    unsigned long long address;
    unsigned int slot, index;
  } table[COUNTS_NAMESPACE_TABLE];
};

/// Where the tables of a namespace's sockets are and how large, and what was copied last.
struct counts_copied {
  unsigned long long ehash, ehash_mask, bhash, bhash2, bhash_size, lhash2, lhash2_mask;
  unsigned long long udp_hash, udp_mask;
  unsigned long long bits[1024];
};

/// An address, as two words of memory; IPv4 in its mapped form.
struct counts_address {
  unsigned long long words[2];
};

struct counts_settings {
  /// Entries of another generation are free.
  unsigned int generation;
  /// How many blocks of states a slot has.
  unsigned int blocks;
  /// Only tuples are counted: everything else already has been.
  unsigned int tuples_only;
  /// In namespaces with a threshold, only tuples whose counter in the sketch is marked are counted.
  unsigned int by_marks, padding;
  /// The ticks of the kernel's clock in a second.
  unsigned int ticks;
  unsigned int tuple4_mask, tuple6_mask, address_page_mask, networks;
  /// How many pages there are for the flags of ports. The first is never used.
  unsigned long long pages;
  struct {
    struct counts_address address, mask;
    unsigned long long slot;
  } network[COUNTS_OWN_NETWORKS];
  unsigned char class_of[65536];
};

struct counts_totals {
  /// Sockets in the table of established connections, listeners and bound ones.
  unsigned long long sockets;
  /// Chains that changed while being followed, sockets that were freed meanwhile, and sockets that could not be read.
  unsigned long long torn, moved, unreadable;
  unsigned long long tuples[2];
  /// Sockets whose tuple found no place in the table.
  unsigned long long lost_tuples;
  /// Lists of a port's sockets that were too long to search to the end.
  unsigned long long long_lists;
  /// Pages that are in use: for the flags of ports, and for ports by address.
  unsigned long long pages, address_pages;
  /// Ports that are closed to connect() in a VRF.
  unsigned long long vrf_ports;
  /// Entries for who holds a UDP port.
  unsigned long long udp_holders;
  /// Set when a run ended because it had used up its steps.
  unsigned long long out_of_budget;
};

/// A namespace that is counted.
struct counts_slot {
  /// The page of each port's flags, by port / 64; 0 for none.
  unsigned short pages[1024];
  /// How many counters of the sketch its sockets were the first to increase, by family.
  unsigned int first_cells[2];
  /// How large a tuple's counter in the sketch must be for it to be counted, unless marks decide; 0 counts every tuple.
  unsigned int threshold;
  /// Sockets on ports that there was no page for, ports whose address found no place, and addresses and networks of its own that found none.
  unsigned int lost_pages, lost_addresses, lost_own;
  /// Devices that found no place in the table, sockets on a device for which it is unknown who else has their port, and ports closed in a
  /// VRF that found no place.
  unsigned int lost_devices, unsure_overlaps, lost_vrf_ports;
  /// How many pages it has.
  unsigned int used_pages;
  /// UDP sockets on ports of their programs' choice that found no place.
  unsigned int lost_udp_holders;
  unsigned int padding;
};

/// What is known of 64 ports.
struct counts_page {
  unsigned short flags[COUNTS_PAGE_PORTS];
};

/// Sockets on ports of eight classes.
struct counts_states {
  unsigned int tcp[2][COUNTS_STATES][COUNTS_BLOCK_CLASSES];
  /// Not connected, and connected.
  unsigned int udp[2][2][COUNTS_BLOCK_CLASSES];
};

struct counts_tuple {
  unsigned short used, first_parity_used, reusable, first_parity_reusable;
  /// TIME_WAIT ports by when they return: within 5, 15, 30 or 60 seconds, each counted once.
  unsigned short returning[4];
};

/// Addresses and port as in a packet; the device as the number of its entry among the devices, from 1 on, and 0 for none.
struct counts_tuple4 {
  unsigned int source, destination;
  unsigned short port, slot, device, generation;
  struct counts_tuple counts;
};

struct counts_tuple6 {
  struct counts_address source, destination;
  unsigned short port, slot, device, generation;
  unsigned long long padding;
  struct counts_tuple counts;
};

/// A device that sockets are bound to.
struct counts_device {
  unsigned int number, generation;
  /// The VRF that it is, or is in; 0 for none.
  unsigned int vrf;
  unsigned short slot;
  /// Whether a connect() on it conflicts with sockets on no device and draws from their ports: always the case outside of VRFs.
  unsigned short meets_none;
};

/// A port that is closed to connect() in a VRF, whose ports are not those of the sockets outside.
struct counts_vrf_port {
  /// 0 for no entry.
  unsigned int vrf;
  unsigned short slot, port;
};

/// A UDP socket that waits on a pool port of its program's choice.
struct counts_udp_holder {
  unsigned int inode, uid;
  unsigned short port, slot;
  unsigned int padding;
};

/// A local address with sockets.
struct counts_used_address {
  struct counts_address address;
  unsigned int slot, generation;
};

/// Which of 256 ports have a socket on the address, and which of those have one that an IPv4 socket would conflict with. The key is the address's number, and
/// in the last eight bits the upper eight of the port.
struct counts_address_page {
  unsigned int key, generation;
  unsigned long long all[4], meeting_ipv4[4];
};

struct counts_own_address {
  struct counts_address address;
  unsigned int slot, is_used;
};

/// Each counter is shared by all tuples with the same hash, so it is never below the ports of any of them. Each has a mark, a bit that user space writes.
struct counts_sketch {
  unsigned int ipv4[COUNTS_CELLS4], ipv6[COUNTS_CELLS6];
  unsigned char marks4[COUNTS_CELLS4 / 8], marks6[COUNTS_CELLS6 / 8];
};
