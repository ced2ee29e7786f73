// hold KIND COUNT: makes COUNT connections over loopback in the network namespace it runs in, says "ready", and holds them
// until its standard input ends.
//
//   few        thousands of connections to each destination: few tuples, both ends established
//   tuples     each connection to a destination of its own: as many tuples as connections, both ends established
//   time-wait  as "few", closed by the client first: COUNT client sockets in TIME_WAIT
//
// With COUNT 0 there is one listener and nothing else.
//
// A process may not have enough descriptors for all, so as many processes share them as it takes.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_PORT = 1024, MOST_PER_DESTINATION = 10000, SPARE_DESCRIPTORS = 64 };

static int is_tuples, is_time_wait;

static void fail(const char *what, long number) {
  fprintf(stderr, "hold: %s (connection %ld): %s\n", what, number, strerror(errno));
  exit(1);
}

static int listener(in_port_t port) {
  int descriptor = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (descriptor < 0) fail("socket", 0);
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("bind", 0);
  if (listen(descriptor, 4096) != 0) fail("listen", 0);
  return descriptor;
}

// Connections FIRST to LAST - 1, through a listener of their own.
static void connect_all(in_port_t port, long first, long last) {
  int listening = listener(port);
  for (long number = first; number < last; number++) {
    uint32_t host = 0x7F010001u + (uint32_t)(is_tuples ? number : number / MOST_PER_DESTINATION);
    struct sockaddr_in destination = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(host)};
    int client = socket(AF_INET, SOCK_STREAM, 0);
    if (client < 0) fail("socket", number);
    if (connect(client, (struct sockaddr *)&destination, sizeof destination) != 0) fail("connect", number);
    int server = accept(listening, NULL, NULL);
    if (server < 0) fail("accept", number);
    if (is_time_wait) {
      close(client);
      close(server);
    }
  }
}

static long connections_of_one_process(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit", 0);
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit", 0);
  long most = ((long)(limit.rlim_max > 100000 ? 100000 : limit.rlim_max) - SPARE_DESCRIPTORS) / 2;
  return most < 1 ? 1 : most;
}

int main(int count, char **arguments) {
  long wanted = count == 3 ? atol(arguments[2]) : -1;
  is_tuples = count == 3 && strcmp(arguments[1], "tuples") == 0;
  is_time_wait = count == 3 && strcmp(arguments[1], "time-wait") == 0;
  if (wanted < 0 || wanted > 8000000 || !(is_tuples || is_time_wait || strcmp(arguments[1], "few") == 0)) {
    fprintf(stderr, "usage: hold few|tuples|time-wait COUNT\n");
    return 64;
  }
  int alone = wanted == 0 ? listener(FIRST_PORT) : -1;
  long most = is_time_wait ? wanted : connections_of_one_process();
  int ready[2];
  if (pipe(ready) != 0) fail("pipe", 0);
  long processes = 0;
  for (long first = 0; first < wanted; first += most, processes++) {
    pid_t child = fork();
    if (child < 0) fail("fork", first);
    if (child > 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ready[0]);
    connect_all((in_port_t)(FIRST_PORT + processes), first, first + most < wanted ? first + most : wanted);
    if (write(ready[1], "x", 1) != 1) fail("write", first);
    for (;;) pause();
  }
  close(ready[1]);
  char byte;
  for (long done = 0; done < processes; done++) {
    if (read(ready[0], &byte, 1) != 1) {
      fprintf(stderr, "hold: a process ended before its connections were made\n");
      return 1;
    }
  }
  printf("ready\n");
  fflush(stdout);
  while (read(0, &byte, 1) > 0) continue;
  if (alone >= 0) close(alone);
  return 0;
}
