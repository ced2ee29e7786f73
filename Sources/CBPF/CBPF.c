#define _GNU_SOURCE
#include "CBPF.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const unsigned char count[] __attribute__((aligned(8))) = {
#include "objects/count.inc"
};
static const unsigned char count_probe[] __attribute__((aligned(8))) = {
#include "objects/count-probe.inc"
};
static const unsigned char refusals[] __attribute__((aligned(8))) = {
#include "objects/refusals.inc"
};
static const unsigned char refusals_tracepoint[] __attribute__((aligned(8))) = {
#include "objects/refusals-tracepoint.inc"
};
static const unsigned char search[] __attribute__((aligned(8))) = {
#include "objects/search.inc"
};

cbpf_bytes cbpf_count(void) { return (cbpf_bytes){count, sizeof count}; }
cbpf_bytes cbpf_count_probe(void) { return (cbpf_bytes){count_probe, sizeof count_probe}; }
cbpf_bytes cbpf_refusals(void) { return (cbpf_bytes){refusals, sizeof refusals}; }
cbpf_bytes cbpf_refusals_tracepoint(void) { return (cbpf_bytes){refusals_tracepoint, sizeof refusals_tracepoint}; }
cbpf_bytes cbpf_search(void) { return (cbpf_bytes){search, sizeof search}; }

// The last lines are the ones that say why.
static _Thread_local char warnings[8192];
static _Thread_local size_t warned;

static int note_warning(int level, const char *format, va_list arguments) {
  if (level > 0) return 0;
  if (warned > sizeof warnings / 2) {
    size_t kept = sizeof warnings / 4;
    memmove(warnings, warnings + warned - kept, kept);
    warned = kept;
  }
  // A verifier's log is one message, of which the end matters.
  char *text = NULL;
  int length = vasprintf(&text, format, arguments);
  if (length < 0 || !text) return 0;
  size_t room = sizeof warnings - warned - 1, size = (size_t)length;
  size_t skipped = size > room ? size - room : 0;
  memcpy(warnings + warned, text + skipped, size - skipped);
  warned += size - skipped;
  warnings[warned] = 0;
  free(text);
  return length;
}

const char *cbpf_warnings(void) { return warnings; }

void cbpf_forget_warnings(void) {
  warned = 0;
  warnings[0] = 0;
}

const char *cbpf_load(cbpf_library *library, const char *file) {
  void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return dlerror();
  library->handle = handle;
  typedef int (*printer)(int level, const char *format, va_list arguments);
  printer (*set_print)(printer);
#define FIND(to, symbol) \
  if (!(to = (__typeof__(to))dlsym(handle, symbol))) { \
    const char *problem = dlerror(); \
    return problem ? problem : symbol " is missing"; \
  }
  FIND(set_print, "libbpf_set_print")
  FIND(library->open_mem, "bpf_object__open_mem")
  FIND(library->load, "bpf_object__load")
  FIND(library->close, "bpf_object__close")
  FIND(library->find_map, "bpf_object__find_map_by_name")
  FIND(library->find_program, "bpf_object__find_program_by_name")
  FIND(library->map_fd, "bpf_map__fd")
  FIND(library->map_value_size, "bpf_map__value_size")
  FIND(library->map_entries, "bpf_map__max_entries")
  FIND(library->map_set_entries, "bpf_map__set_max_entries")
  FIND(library->program_fd, "bpf_program__fd")
#undef FIND
  set_print(note_warning);
  return NULL;
}

void cbpf_unload(cbpf_library *library) {
  if (library->handle) dlclose(library->handle);
  library->handle = NULL;
}

int cbpf_run(int program, const uint64_t *context, uint32_t words, uint32_t *result) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.test.prog_fd = (uint32_t)program;
  attributes.test.ctx_in = (uint64_t)(uintptr_t)context;
  attributes.test.ctx_size_in = words * (uint32_t)sizeof *context;
  long status = syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attributes, sizeof attributes);
  *result = attributes.test.retval;
  return status < 0 ? -1 : 0;
}

int cbpf_attach(int program) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  // What it follows was said when it was loaded.
  attributes.raw_tracepoint.prog_fd = (uint32_t)program;
  return (int)syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attributes, sizeof attributes);
}

void cbpf_name_trial(void) { prctl(PR_SET_NAME, REFUSALS_TRIAL); }

// A program that does nothing, of the kind that reads the kernel's memory.
static int load_nothing(void) {
  static const struct bpf_insn nothing[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
  attributes.insns = (uint64_t)(uintptr_t)nothing;
  attributes.insn_cnt = sizeof nothing / sizeof *nothing;
  attributes.license = (uint64_t)(uintptr_t)"Dual MIT/GPL";
  long program = syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
  if (program < 0) return errno;
  close((int)program);
  return 0;
}

int cbpf_try(void) {
  if (prctl(PR_GET_SECCOMP) == 0) return load_nothing();
  // A system call filter may kill whoever makes the call: let it be a child, which leaves no core file and whose end sends no signal.
  long child = syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
  if (child < 0) return EPERM;
  if (child == 0) {
    prctl(PR_SET_DUMPABLE, 0);
    _exit(load_nothing());
  }
  int status = 0;
  while (waitpid((pid_t)child, &status, __WALL) < 0)
    if (errno != EINTR) return EPERM;
  return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

int cbpf_has_capability(int number) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {0};
  if (syscall(SYS_capget, &header, data) != 0) return -1;
  return data[number / 32].effective >> (number % 32) & 1;
}

int cbpf_drop_capability(int number) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {0};
  if (syscall(SYS_capget, &header, data) != 0) return -1;
  uint32_t bit = ~(1u << number % 32);
  data[number / 32].effective &= bit;
  data[number / 32].permitted &= bit;
  data[number / 32].inheritable &= bit;
  // Not to be had again by way of a program that is started; where that takes a right that is missing, nothing is started anyway.
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, number, 0, 0);
  prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
  return syscall(SYS_capset, &header, data) == 0 ? 0 : -1;
}
