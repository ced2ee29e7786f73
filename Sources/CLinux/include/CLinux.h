#pragma once

// What Glibc's Swift module does not show, as typed inlines.

#include <errno.h>
#include <linux/netlink.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/// A netlink socket for `protocol` (NETLINK_SOCK_DIAG, NETLINK_ROUTE) in the calling thread's network namespace, or -1 with errno.
/// It waits at most `timeout_seconds` for a datagram, so that a silent kernel cannot hold up a scrape indefinitely.
static inline int portpool_netlink_open(int protocol, int timeout_seconds) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd >= 0) {
    struct timeval wait = {.tv_sec = timeout_seconds};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  }
  return fd;
}

/// Lets the kernel heed the filters in a dump's question (Linux 4.20). 0, or -1 with errno.
static inline int portpool_netlink_check_strictly(int fd) {
  int on = 1;
  return setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
}

/// Sends to the kernel (port 0). Returns the bytes sent, or -1 with errno.
static inline int64_t portpool_netlink_send(int fd, const void *_Nullable bytes, size_t length) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  return sendto(fd, bytes, length, 0, (struct sockaddr *)&kernel, sizeof kernel);
}

/// Receives one datagram of the kernel; datagrams of other processes are skipped.
/// Returns its length, which is above `capacity` when it was cut off, or -1 with errno.
static inline int64_t portpool_netlink_receive(int fd, void *_Nullable bytes, size_t capacity) {
  for (;;) {
    struct sockaddr_nl sender;
    socklen_t length = sizeof sender;
    memset(&sender, 0, sizeof sender);
    int64_t count = recvfrom(fd, bytes, capacity, MSG_TRUNC, (struct sockaddr *)&sender, &length);
    if (count < 0 || sender.nl_pid == 0) return count;
  }
}

/// Whether `path` lies in a process file system.
static inline int portpool_is_procfs(const char *_Nonnull path) {
  struct statfs info;
  return statfs(path, &info) == 0 && info.f_type == 0x9fa0;
}

/// Returns freed memory to the system, where the C library is glibc.
static inline void portpool_give_memory_back(void) { malloc_trim(0); }

/// Whether `path` lies in a control group hierarchy of version 2.
static inline int portpool_is_cgroup2(const char *_Nonnull path) {
  struct statfs info;
  return statfs(path, &info) == 0 && info.f_type == 0x63677270;
}

/// `O_PATH` of `include/uapi/asm-generic/fcntl.h`, which Glibc shows only with GNU extensions: finds a file without opening it.
static const int portpool_open_path = 010000000;

/// Whether the file behind `fd` is a namespace: on nsfs.
static inline int portpool_is_namespace(int fd) {
  struct statfs info;
  return fstatfs(fd, &info) == 0 && info.f_type == 0x6e736673;
}

/// Moves the calling thread into the network namespace behind `fd`. 0, or -1 with errno.
static inline int portpool_enter_network_namespace(int fd) { return (int)syscall(SYS_setns, fd, 0x40000000); }

/// Moves the calling thread into the UTS namespace behind `fd`, which has a host name of its own. 0, or -1 with errno.
static inline int portpool_enter_uts_namespace(int fd) { return (int)syscall(SYS_setns, fd, 0x04000000); }

/// Moves the calling thread into a network namespace of its own, with `lo` up. 0, or -1 with errno.
static inline int portpool_make_network_namespace(void) {
  if (syscall(SYS_unshare, 0x40000000) != 0) return -1;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  // struct ifreq: a name of 16 bytes, then the flags (IFF_UP) for SIOCSIFFLAGS.
  struct {
    char name[16];
    int16_t flags;
    char rest[22];
  } request = {.name = "lo", .flags = 1};
  int result = ioctl(fd, 0x8914, &request);
  close(fd);
  return result;
}

/// Lets the kernel choose only among these ports for a socket: `IP_LOCAL_PORT_RANGE` (Linux 6.3). 0, or -1 with errno.
static inline int portpool_set_port_range(int fd, uint16_t first, uint16_t last) {
  uint32_t range = (uint32_t)last << 16 | first;
  return setsockopt(fd, 0, 51, &range, sizeof range);
}

/// A descriptor that stands for a process. -1 with errno without one.
static inline int portpool_pidfd_open(int pid) { return (int)syscall(434, pid, 0); }

/// A copy of a descriptor of that process. -1 with errno without one.
static inline int portpool_pidfd_getfd(int process, int fd) { return (int)syscall(438, process, fd, 0); }

/// The inode of the network namespace that a socket is in (SIOCGSKNS); 0 where that may not be asked.
uint64_t portpool_socket_namespace(int fd);

/// How many arguments the kernel passed to this program, its name included.
int portpool_argument_count(void);

/// One of them; NULL beyond the last.
const char *_Nullable portpool_argument(int index);
