#pragma once

// Calls that Glibc's module does not show to Swift. This header includes none of libc's: with _GNU_SOURCE they would declare
// other types than that module's.

/// `unshare(CLONE_NEWNET)`: moves the calling thread into a new network namespace. 0, or -1 with errno.
int test_unshare_network(void);

/// Sets `IFF_UP` on the interface `name` of the calling thread's namespace. 0, or -1 with errno.
int test_interface_up(const char *name);

/// A file without a name that grows in memory: `memfd_create`. A descriptor, or -1 with errno.
int test_memory_file(const char *name);

/// What `waitpid` reported: the exit code, or 128 + the signal as a shell counts it.
int test_exit_code(int status);

/// The kernel's id of the calling thread: `gettid`.
int test_thread_id(void);

/// Lets the calling thread run on only one of the processors that it may run on. 0, or -1 with errno.
int test_stay_on_one_processor(void);

/// `accept4` with `SOCK_CLOEXEC`; the peer's address is not asked for. A descriptor, or -1 with errno.
int test_accept(int listener);

/// Makes the calling thread, and no other of the process, user and group 65534 without capabilities. 0, or -1 with errno.
int test_become_nobody(void);
