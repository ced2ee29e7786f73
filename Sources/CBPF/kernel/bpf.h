// SPDX-License-Identifier: MIT OR GPL-2.0-only
#pragma once

// What a BPF program is written with: the helpers by their numbers, maps, and relocations against the running kernel's types (CO-RE), which clang
// records and libbpf carries out. Kernel: `include/uapi/linux/bpf.h`.

typedef _Bool bool;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef int s32;
typedef long long s64;

#define SEC(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))
// The verifier checks such a function once, on its own, instead of at every call.
#define APART __attribute__((noinline))

static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static u64 (*const bpf_get_current_task)(void) = (void *)35;
static long (*const bpf_probe_read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static u64 (*const bpf_jiffies64)(void) = (void *)118;
static long (*const bpf_loop)(u32 count, void *callback, void *context, u64 flags) = (void *)181;

// An array of structures that user space maps and reads in place: `BPF_MAP_TYPE_ARRAY` with `BPF_F_MMAPABLE`.
#define ARRAY(name, element, count) \
  struct { \
    int (*type)[2]; \
    int (*map_flags)[1024]; \
    int (*max_entries)[count]; \
    u32 *key; \
    struct element *value; \
  } name SEC(".maps")

// Offsets, sizes and presence of fields in the running kernel, not the one this was compiled on.
#define OFFSET(type, field) ((u64)__builtin_preserve_field_info(((struct type *)0)->field, 0))
#define HAS(type, field) __builtin_preserve_field_info(((struct type *)0)->field, 2)
#define SIZE(type) ((u64)__builtin_preserve_type_info(*(struct type *)0, 1))
#define ENUM_VALUE(type, value) __builtin_preserve_enum_value(*(enum type *)value, 1)
#define TYPE_ID(type) __builtin_btf_type_id(*(struct type *)0, 1)

// The verifier must see the mask, even where the compiler knows that it changes nothing.
#define MASKED(index, mask) \
  ({ \
    u32 masked_ = (index); \
    asm volatile("%0 &= %1" : "+r"(masked_) : "i"(mask)); \
    masked_; \
  })
// It must also see that a pointer is not NULL before anything is added to it.
#define CHECKED(pointer) asm volatile("" : "+r"(pointer))
