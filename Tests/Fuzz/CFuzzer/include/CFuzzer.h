#pragma once

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's main loop: calls `callback` with inputs until it is told to stop by the arguments, or an input fails.
///
/// LLVM: compiler-rt/lib/fuzzer/FuzzerDriver.cpp.
int LLVMFuzzerRunDriver(int *argument_count, char ***arguments, int (*callback)(const uint8_t *data, size_t size));
