// track COUNT TUPLES: enters COUNT translated TCP connections into the connection tracking table of the network namespace it runs in,
// spread evenly over TUPLES destinations, all translated to 10.2.0.1.
//
// They are entries as a gateway has them: the kernel itself translates them (CTA_NAT_SRC), to the port that it is told. No packet ever
// passes, so that a million takes seconds. They stay for an hour, or until the namespace goes.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  BATCH = 100,
  FIRST_PORT = 1024,
  PORTS = 65536 - FIRST_PORT,
  CLIENTS = 200,
  SECONDS = 3600,
  ESTABLISHED = 3,
  // IPS_SEEN_REPLY | IPS_ASSURED | IPS_CONFIRMED
  STATUS = 14,
  // Any number without a common divisor with PORTS spreads a tuple's ports.
  STRIDE = 7919,
};
static const uint32_t TRANSLATED = 0x0A020001, SERVERS = 0x0A030001, CLIENT = 0x0A800001;

static _Alignas(4) uint8_t batch[BATCH * 512];
static size_t used;

static void fail(const char *what) {
  fprintf(stderr, "track: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void attribute(uint16_t type, const void *value, size_t size) {
  struct nlattr header = {.nla_len = (uint16_t)(NLA_HDRLEN + size), .nla_type = type};
  memset(batch + used, 0, NLA_ALIGN(header.nla_len));
  memcpy(batch + used, &header, sizeof header);
  memcpy(batch + used + NLA_HDRLEN, value, size);
  used += NLA_ALIGN(header.nla_len);
}

static void byte(uint16_t type, uint8_t value) { attribute(type, &value, sizeof value); }
static void big16(uint16_t type, uint16_t value) { attribute(type, &(uint16_t){htons(value)}, sizeof value); }
static void big32(uint16_t type, uint32_t value) { attribute(type, &(uint32_t){htonl(value)}, sizeof value); }

static size_t open_nest(uint16_t type) {
  size_t start = used;
  attribute(type | NLA_F_NESTED, "", 0);
  return start;
}

static void close_nest(size_t start) { ((struct nlattr *)(void *)(batch + start))->nla_len = (uint16_t)(used - start); }

static void direction(uint16_t type, uint32_t source, uint16_t source_port, uint32_t destination, uint16_t destination_port) {
  size_t whole = open_nest(type), addresses = open_nest(CTA_TUPLE_IP);
  big32(CTA_IP_V4_SRC, source);
  big32(CTA_IP_V4_DST, destination);
  close_nest(addresses);
  size_t protocol = open_nest(CTA_TUPLE_PROTO);
  byte(CTA_PROTO_NUM, IPPROTO_TCP);
  big16(CTA_PROTO_SRC_PORT, source_port);
  big16(CTA_PROTO_DST_PORT, destination_port);
  close_nest(protocol);
  close_nest(whole);
}

static void entry(long number, long tuples, uint16_t flags) {
  size_t start = used;
  struct nlmsghdr header = {
      .nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW,
      .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | flags,
      .nlmsg_seq = (uint32_t)number,
  };
  struct nfgenmsg family = {.nfgen_family = AF_INET, .version = NFNETLINK_V0};
  used += sizeof header;
  memcpy(batch + used, &family, sizeof family);
  used += sizeof family;

  long place = number / tuples;
  uint32_t server = SERVERS + (uint32_t)(number % tuples), client = CLIENT + (uint32_t)(place % CLIENTS);
  uint16_t client_port = (uint16_t)(FIRST_PORT + place), port = (uint16_t)(FIRST_PORT + place * STRIDE % PORTS);
  direction(CTA_TUPLE_ORIG, client, client_port, server, 80);
  direction(CTA_TUPLE_REPLY, server, 80, client, client_port);
  size_t translation = open_nest(CTA_NAT_SRC);
  big32(CTA_NAT_V4_MINIP, TRANSLATED);
  big32(CTA_NAT_V4_MAXIP, TRANSLATED);
  size_t ports = open_nest(CTA_NAT_PROTO);
  big16(CTA_PROTONAT_PORT_MIN, port);
  big16(CTA_PROTONAT_PORT_MAX, port);
  close_nest(ports);
  close_nest(translation);
  big32(CTA_STATUS, STATUS);
  big32(CTA_TIMEOUT, SECONDS);
  size_t information = open_nest(CTA_PROTOINFO), tcp = open_nest(CTA_PROTOINFO_TCP);
  byte(CTA_PROTOINFO_TCP_STATE, ESTABLISHED);
  close_nest(tcp);
  close_nest(information);
  header.nlmsg_len = (uint32_t)(used - start);
  memcpy(batch + start, &header, sizeof header);
}

// Sends what is collected, and waits for the answer to the last entry: those before it have none unless they were refused.
static void send_batch(int descriptor, uint32_t last) {
  static _Alignas(4) uint8_t answer[65536];
  if (send(descriptor, batch, used, 0) != (ssize_t)used) fail("send");
  used = 0;
  for (;;) {
    ssize_t received = recv(descriptor, answer, sizeof answer, 0);
    if (received < 0) fail("recv");
    size_t left = (size_t)received;
    for (struct nlmsghdr *message = (void *)answer; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
      if (message->nlmsg_type != NLMSG_ERROR) continue;
      errno = -((struct nlmsgerr *)NLMSG_DATA(message))->error;
      if (errno != 0) fail("the kernel takes no entry");
      if (message->nlmsg_seq == last) return;
    }
  }
}

int main(int count, char **arguments) {
  long wanted = count == 3 ? atol(arguments[1]) : -1, tuples = count == 3 ? atol(arguments[2]) : 0;
  if (wanted < 0 || tuples < 1 || tuples > 1000000 || wanted / tuples >= PORTS) {
    fprintf(stderr, "usage: track COUNT TUPLES, at most %d connections to a tuple\n", PORTS);
    return 64;
  }
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (descriptor < 0) fail("socket");
  for (long number = 0; number < wanted; number++) {
    int is_last = number % BATCH == BATCH - 1 || number == wanted - 1;
    entry(number, tuples, is_last ? NLM_F_ACK : 0);
    if (is_last) send_batch(descriptor, (uint32_t)number);
  }
  return 0;
}
