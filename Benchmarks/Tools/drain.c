// drain: takes every TCP socket of this network namespace out of inet_diag and looks at none of it: the cost floor.
//
// One TCPDIAG_GETSOCK request walks IPv4 and IPv6 at once. Prints how many messages and bytes came.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[32768];

int main(void) {
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (descriptor < 0) {
    perror("drain: socket");
    return 1;
  }
  struct {
    struct nlmsghdr header;
    struct inet_diag_req body;
  } request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = TCPDIAG_GETSOCK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .body = {.idiag_family = AF_UNSPEC, .idiag_states = 0xFFFFFFFF},
  };
  if (send(descriptor, &request, sizeof request, 0) != sizeof request) {
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
