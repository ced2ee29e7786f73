#define _GNU_SOURCE
#include "CTestSupport.h"

#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int test_unshare_network(void) { return unshare(CLONE_NEWNET); }

int test_interface_up(const char *name) {
  int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
  int result = ioctl(descriptor, SIOCGIFFLAGS, &request);
  if (result == 0) {
    request.ifr_flags |= IFF_UP;
    result = ioctl(descriptor, SIOCSIFFLAGS, &request);
  }
  close(descriptor);
  return result;
}

int test_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int test_exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

int test_thread_id(void) { return gettid(); }

int test_stay_on_one_processor(void) {
  cpu_set_t allowed, first;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return -1;
  CPU_ZERO(&first);
  for (int processor = 0; processor < CPU_SETSIZE && CPU_COUNT(&first) == 0; processor++)
    if (CPU_ISSET(processor, &allowed)) CPU_SET(processor, &first);
  return sched_setaffinity(0, sizeof first, &first);
}

int test_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

int test_become_nobody(void) {
  // The functions of libc would change every thread.
  if (syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setresgid, 65534, 65534, 65534) != 0) return -1;
  return (int)syscall(SYS_setresuid, 65534, 65534, 65534);
}
