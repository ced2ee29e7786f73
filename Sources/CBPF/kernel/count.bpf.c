// SPDX-License-Identifier: MIT OR GPL-2.0-only

// Counts the socket tables inside the kernel, for `--source bpf`. Each program is run by user space with BPF_PROG_TEST_RUN, for a piece of a table at a
// time, and only reads: nothing is attached, no lock is taken, no socket is held. docs/counting-in-the-kernel.md says what that means.
//
// PROBE is for kernels whose programs cannot load from the kernel's memory themselves: see `read.h`.

#include "udp.h"

// Only programs under a license like this one may read the kernel's structures.
char terms[] SEC("license") = "Dual MIT/GPL";
