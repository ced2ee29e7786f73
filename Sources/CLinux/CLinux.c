#include "CLinux.h"

static int argument_count;
static char **arguments;

// glibc calls constructors with what the kernel passed to the program.
__attribute__((constructor)) static void keep_arguments(int count, char **values, char **environment) {
  (void)environment;
  argument_count = count;
  arguments = values;
}

int portpool_argument_count(void) { return argument_count; }

const char *portpool_argument(int index) { return index >= 0 && index < argument_count ? arguments[index] : 0; }
