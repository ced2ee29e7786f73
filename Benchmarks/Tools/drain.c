// drain sockets|translated: takes every TCP socket, or every tracked connection, of this network namespace out of the kernel and looks at
// none of it: the cost floor.
//
// sockets     one TCPDIAG_GETSOCK request of inet_diag, which walks IPv4 and IPv6 at once
// translated  one IPCTNL_MSG_CT_GET request of ctnetlink, for all families
//
// Prints how many messages and bytes came.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[32768];

int main(int count, char **arguments) {
  int is_translated = count == 2 && strcmp(arguments[1], "translated") == 0;
  if (!is_translated && (count != 2 || strcmp(arguments[1], "sockets") != 0)) {
    fprintf(stderr, "usage: drain sockets|translated\n");
    return 64;
  }
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, is_translated ? NETLINK_NETFILTER : NETLINK_SOCK_DIAG);
  if (descriptor < 0) {
    perror("drain: socket");
    return 1;
  }
  struct {
    struct nlmsghdr header;
    struct inet_diag_req body;
  } sockets = {
      .header = {.nlmsg_len = sizeof sockets, .nlmsg_type = TCPDIAG_GETSOCK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .body = {.idiag_family = AF_UNSPEC, .idiag_states = 0xFFFFFFFF},
  };
  struct {
    struct nlmsghdr header;
    struct nfgenmsg body;
  } translated = {
      .header = {.nlmsg_len = sizeof translated,
                 .nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .body = {.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0},
  };
  const void *request = is_translated ? (const void *)&translated : &sockets;
  size_t size = is_translated ? sizeof translated : sizeof sockets;
  if (send(descriptor, request, size, 0) != (ssize_t)size) {
    perror("drain: send");
    return 1;
  }
  long messages = 0, bytes = 0;
  for (;;) {
    ssize_t received = recv(descriptor, buffer, sizeof buffer, 0);
    if (received < 0) {
      perror("drain: recv");
      return 1;
    }
    bytes += received;
    size_t left = (size_t)received;
    for (struct nlmsghdr *message = (struct nlmsghdr *)buffer; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
      if (message->nlmsg_type == NLMSG_DONE) {
        printf("%ld messages, %ld bytes\n", messages, bytes);
        return 0;
      }
      if (message->nlmsg_type == NLMSG_ERROR) {
        fprintf(stderr, "drain: the kernel refuses\n");
        return 1;
      }
      messages++;
    }
  }
}
