// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once
#include "bpf.h"

// The kernel's structures, with the fields that are read and no others. Every access is relocated against the running kernel's BTF, so that neither
// order nor size matters here, and no copy of the kernel's own headers is needed.

enum { AF_INET = 2, AF_INET6 = 10, SOCK_BINDPORT_LOCK = 8, IFF_LOOPBACK = 8 };

/// `include/net/tcp_states.h`
enum {
  TCP_ESTABLISHED = 1,
  TCP_SYN_SENT,
  TCP_SYN_RECV,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_TIME_WAIT,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_LAST_ACK,
  TCP_LISTEN,
  TCP_CLOSING,
  TCP_NEW_SYN_RECV,
};

/// `include/linux/netdevice.h`
enum netdev_priv_flags { IFF_L3MDEV_MASTER = 1, IFF_L3MDEV_SLAVE = 2 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct hlist_node {
  struct hlist_node *next;
};
struct hlist_head {
  struct hlist_node *first;
};
/// Such a list does not end in NULL but in an odd number that identifies it.
struct hlist_nulls_node {
  struct hlist_nulls_node *next;
};
struct hlist_nulls_head {
  struct hlist_nulls_node *first;
};
struct list_head {
  struct list_head *next;
};
struct in6_addr {
  union {
    u32 u6_addr32[4];
  } in6_u;
};
/// A kernel structure that starts with a number. The verifier insists that a pointer field stays a pointer; read through this type, it is a number.
struct timespec64 {
  s64 tv_sec;
};

struct inet_ehash_bucket {
  struct hlist_nulls_head chain;
};
struct inet_bind_hashbucket {
  struct hlist_head chain;
};
struct inet_listen_hashbucket {
  struct hlist_nulls_head nulls_head;
};
/// The tables of all TCP sockets. Namespaces share them, except that `tcp_child_ehash_entries` can give one its own `ehash`.
struct inet_hashinfo {
  struct inet_ehash_bucket *ehash;
  u32 ehash_mask;
  struct inet_bind_hashbucket *bhash, *bhash2;
  u32 bhash_size, lhash2_mask;
  struct inet_listen_hashbucket *lhash2;
};
struct inet_timewait_death_row {
  struct inet_hashinfo *hashinfo;
};
/// The table of UDP sockets by port; `udp_child_hash_entries` can give a namespace its own. Each list has its length next to it.
struct udp_hslot {
  struct hlist_head head;
  int count;
};
struct udp_table {
  struct udp_hslot *hash;
  u32 mask;
};

struct ns_common {
  u32 inum;
  const void *ops;
};
/// Since Linux 6.8: both numbers in one.
struct local_ports {
  u32 range;
};
/// Before.
struct local_ports___pair {
  int range[2];
};
struct netns_ipv4 {
  struct inet_timewait_death_row tcp_death_row;
  struct local_ports ip_local_ports;
  u8 sysctl_tcp_tw_reuse, sysctl_tcp_timestamps;
  u32 sysctl_tcp_tw_reuse_delay, sysctl_ip_local_port_step_width;
  /// Only in kernels that have VRFs.
  u8 sysctl_tcp_l3mdev_accept;
  unsigned long *sysctl_local_reserved_ports;
  /// Since Linux 6.2.
  struct udp_table *udp_table;
};
struct netns_sysctl_ipv6 {
  u8 bindv6only;
};
struct netns_ipv6 {
  struct netns_sysctl_ipv6 sysctl;
};
struct net {
  struct list_head list, dev_base_head;
  struct ns_common ns;
  struct netns_ipv4 ipv4;
  struct netns_ipv6 ipv6;
  /// 256 lists of devices, by number.
  struct hlist_head *dev_index_head;
  /// What decides, besides their ports, where its sockets are in the tables.
  u32 hash_mix;
};
typedef struct {
  struct net *net;
} possible_net_t;
struct nsproxy {
  struct net *net_ns;
};
struct task_struct {
  struct nsproxy *nsproxy;
};

/// A network device, and the addresses that it has.
struct in_ifaddr {
  struct in_ifaddr *ifa_next;
  u32 ifa_local, ifa_mask;
};
struct in_device {
  struct in_ifaddr *ifa_list;
};
struct inet6_ifaddr {
  struct in6_addr addr;
  struct list_head if_list;
};
struct inet6_dev {
  struct list_head addr_list;
};
/// What a device is a part of: the first has `master` set if there is one. Kernel: `net/core/dev.c`.
struct netdev_adjacent {
  struct net_device *dev;
  bool master;
  struct list_head list;
};
struct net_device {
  int ifindex;
  u32 flags;
  unsigned long priv_flags;
  struct hlist_node index_hlist;
  struct list_head dev_list;
  struct in_device *ip_ptr;
  struct inet6_dev *ip6_ptr;
  struct {
    struct list_head upper;
  } adj_list;
};

/// What every socket begins with, TIME_WAIT and requests included.
struct sock_common {
  u32 skc_daddr, skc_rcv_saddr, skc_hash;
  u16 skc_dport, skc_num, skc_family;
  u8 skc_state;
  u8 skc_reuse : 4, skc_reuseport : 1, skc_ipv6only : 1;
  int skc_bound_dev_if;
  possible_net_t skc_net;
  struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
  struct hlist_nulls_node skc_nulls_node;
  /// UDP's.
  struct hlist_node skc_node;
  struct hlist_node skc_bind_node;
};
typedef struct {
  u32 val;
} kuid_t;
struct sock {
  struct sock_common __sk_common;
  /// Before Linux 6.8, where the lists of sockets by address were apart.
  struct hlist_node sk_bind2_node;
  u8 sk_userlocks;
  struct socket *sk_socket;
  kuid_t sk_uid;
};
/// A socket as a program's open file: `struct socket`, followed by the inode.
struct inode {
  unsigned long i_ino;
};
struct socket_alloc {
  struct inode vfs_inode;
};
struct timer_list {
  unsigned long expires;
};
struct inet_timewait_sock {
  struct sock_common __tw_common;
  u8 tw_substate;
  u32 tw_entry_stamp;
  struct timer_list tw_timer;
};
struct tcp_timewait_sock {
  struct inet_timewait_sock tw_sk;
  int tw_ts_recent_stamp;
};

/// A port in use, and the same for one local address.
struct inet_bind_bucket {
  possible_net_t ib_net;
  /// The VRF, a kind of l3mdev; 0 for none.
  int l3mdev;
  u16 port;
  s8 fastreuse, fastreuseport;
  struct hlist_node node;
};
struct inet_bind2_bucket {
  possible_net_t ib_net;
  int l3mdev;
  u16 port, family;
  struct in6_addr v6_rcv_saddr;
  u32 rcv_saddr;
  struct hlist_node node;
  struct hlist_head owners;
};

#pragma clang attribute pop
