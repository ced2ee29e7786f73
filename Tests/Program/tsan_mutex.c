// Tells the thread sanitizer when a Swift `Mutex` that somebody waited for changes hands.
//
// `Mutex` without contention is inlined, so that the sanitizer sees its atomic operations. Where one thread waits for another, both call functions of
// libswiftSynchronization, which was built without the sanitizer: it would take the next access to what the mutex guards for a race. Preloaded, these
// stand before those functions. Their names are those of `_MutexHandle._lockSlow(_:)` and `_MutexHandle._unlockSlow()` on Linux
// (stdlib/public/Synchronization/Mutex/LinuxImpl.swift); the handle comes in the register for `self`.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

extern void __tsan_acquire(void *address);
extern void __tsan_release(void *address);

SWIFT void lock_slow(uint32_t thread, SELF handle) __asm__(LOCK);
SWIFT void unlock_slow(SELF handle) __asm__(UNLOCK);

SWIFT void lock_slow(uint32_t thread, SELF handle) {
  SWIFT void (*original)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
  original(thread, handle);
  __tsan_acquire(handle);
}

SWIFT void unlock_slow(SELF handle) {
  SWIFT void (*original)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
  __tsan_release(handle);
  original(handle);
}
