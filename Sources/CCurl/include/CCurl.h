#pragma once

// libcurl and zlib without linking them: the headers say what the functions are, `dlopen` finds them at the first push.
// A scrape-only process never maps either.

#define CURL_DISABLE_TYPECHECK
// CURLOPT_PROTOCOLS is deprecated in favour of a string that libcurl knows only since 7.85; the number works in all of them.
#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

/// The functions of libcurl that are called, all found or none.
typedef struct ccurl_library {
  __typeof__(&curl_global_init) global_init;
  __typeof__(&curl_easy_init) easy_init;
  __typeof__(&curl_easy_cleanup) easy_cleanup;
  __typeof__(&curl_easy_setopt) easy_setopt;
  __typeof__(&curl_easy_getinfo) easy_getinfo;
  __typeof__(&curl_easy_strerror) easy_strerror;
  __typeof__(&curl_slist_append) slist_append;
  __typeof__(&curl_slist_free_all) slist_free_all;
  __typeof__(&curl_multi_init) multi_init;
  __typeof__(&curl_multi_cleanup) multi_cleanup;
  __typeof__(&curl_multi_add_handle) multi_add_handle;
  __typeof__(&curl_multi_remove_handle) multi_remove_handle;
  __typeof__(&curl_multi_perform) multi_perform;
  __typeof__(&curl_multi_poll) multi_poll;
  __typeof__(&curl_multi_wakeup) multi_wakeup;
  __typeof__(&curl_multi_info_read) multi_info_read;
} ccurl_library;

/// The functions of zlib that are called, all found or none.
typedef struct ccurl_zlib {
  __typeof__(&deflateInit2_) deflate_init2;
  __typeof__(&deflateBound) deflate_bound;
  __typeof__(&deflate) deflate;
  __typeof__(&deflateEnd) deflate_end;
} ccurl_zlib;

/// Opens the shared library `file` and fills `library`. NULL, or what `dlerror` says, valid until the thread's next `dl…` call.
static inline const char *ccurl_load(ccurl_library *library, const char *file) {
  void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return dlerror();
#define CCURL_FIND(field, symbol) \
  if (!(library->field = (__typeof__(library->field))dlsym(handle, symbol))) return dlerror()
  CCURL_FIND(global_init, "curl_global_init");
  CCURL_FIND(easy_init, "curl_easy_init");
  CCURL_FIND(easy_cleanup, "curl_easy_cleanup");
  CCURL_FIND(easy_setopt, "curl_easy_setopt");
  CCURL_FIND(easy_getinfo, "curl_easy_getinfo");
  CCURL_FIND(easy_strerror, "curl_easy_strerror");
  CCURL_FIND(slist_append, "curl_slist_append");
  CCURL_FIND(slist_free_all, "curl_slist_free_all");
  CCURL_FIND(multi_init, "curl_multi_init");
  CCURL_FIND(multi_cleanup, "curl_multi_cleanup");
  CCURL_FIND(multi_add_handle, "curl_multi_add_handle");
  CCURL_FIND(multi_remove_handle, "curl_multi_remove_handle");
  CCURL_FIND(multi_perform, "curl_multi_perform");
  CCURL_FIND(multi_poll, "curl_multi_poll");
  CCURL_FIND(multi_wakeup, "curl_multi_wakeup");
  CCURL_FIND(multi_info_read, "curl_multi_info_read");
#undef CCURL_FIND
  return NULL;
}

/// Opens the shared library `file` and fills `library`. NULL, or what `dlerror` says.
static inline const char *ccurl_load_zlib(ccurl_zlib *library, const char *file) {
  void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return dlerror();
#define CCURL_FIND(field, symbol) \
  if (!(library->field = (__typeof__(library->field))dlsym(handle, symbol))) return dlerror()
  CCURL_FIND(deflate_init2, "deflateInit2_");
  CCURL_FIND(deflate_bound, "deflateBound");
  CCURL_FIND(deflate, "deflate");
  CCURL_FIND(deflate_end, "deflateEnd");
#undef CCURL_FIND
  return NULL;
}

// Macros with a cast in them, which Swift does not see.
static const long ccurl_auth_basic = (long)CURLAUTH_BASIC;
static const long ccurl_auth_bearer = (long)CURLAUTH_BEARER;

// `CURLOPT_QUICK_EXIT`, which headers before 7.87 do not have, and libraries before that do not know.
static const CURLoption ccurl_quick_exit = (CURLoption)322;

// `curl_easy_setopt` takes anything; each of these takes one class of it, the classes that curl.h itself names.

/// Options of `CURLOPTTYPE_LONG`.
static inline CURLcode ccurl_set_long(const ccurl_library *library, CURL *easy, CURLoption option, long value) {
  return library->easy_setopt(easy, option, value);
}

/// Options of `CURLOPTTYPE_OFF_T`.
static inline CURLcode ccurl_set_offset(const ccurl_library *library, CURL *easy, CURLoption option, int64_t value) {
  return library->easy_setopt(easy, option, (curl_off_t)value);
}

/// Options of `CURLOPTTYPE_STRINGPOINT`; libcurl copies the string. NULL resets the option.
static inline CURLcode ccurl_set_string(const ccurl_library *library, CURL *easy, CURLoption option, const char *value) {
  return library->easy_setopt(easy, option, value);
}

/// Options of `CURLOPTTYPE_OBJECTPOINT` and `CBPOINT` that stay the caller's: a body, an error buffer, a callback's context.
static inline CURLcode ccurl_set_pointer(const ccurl_library *library, CURL *easy, CURLoption option, void *value) {
  return library->easy_setopt(easy, option, value);
}

/// Options of `CURLOPTTYPE_SLISTPOINT`; the list stays the caller's.
static inline CURLcode ccurl_set_list(const ccurl_library *library, CURL *easy, CURLoption option, struct curl_slist *value) {
  return library->easy_setopt(easy, option, value);
}

/// `CURLOPT_WRITEFUNCTION` and `CURLOPT_HEADERFUNCTION`.
static inline CURLcode ccurl_set_writer(const ccurl_library *library, CURL *easy, CURLoption option,
                                        size_t (*writer)(char *bytes, size_t size, size_t count, void *context)) {
  return library->easy_setopt(easy, option, writer);
}

/// Information of `CURLINFO_LONG`; -1 when libcurl does not know it.
static inline long ccurl_get_long(const ccurl_library *library, CURL *easy, CURLINFO information) {
  long value = -1;
  return library->easy_getinfo(easy, information, &value) == CURLE_OK ? value : -1;
}

/// Information of `CURLINFO_OFF_T`; -1 when libcurl does not know it.
static inline int64_t ccurl_get_offset(const ccurl_library *library, CURL *easy, CURLINFO information) {
  curl_off_t value = -1;
  return library->easy_getinfo(easy, information, &value) == CURLE_OK ? (int64_t)value : -1;
}

/// Whether the transfer of `easy` has ended, and then its result. The corresponding C function is `curl_multi_info_read`.
static inline int ccurl_ended(const ccurl_library *library, CURLM *multi, CURL *easy, CURLcode *result) {
  int left = 0;
  const CURLMsg *message;
  while ((message = library->multi_info_read(multi, &left))) {
    if (message->msg == CURLMSG_DONE && message->easy_handle == easy) {
      *result = message->data.result;
      return 1;
    }
  }
  return 0;
}

/// The longest a gzip member of `count` bytes can become.
static inline size_t ccurl_gzip_bound(const ccurl_zlib *library, size_t count) {
  return library->deflate_bound(NULL, count) + 32;
}

/// Packs `input` as one gzip member into `output`. The bytes written, or 0 when zlib could not.
static inline size_t ccurl_gzip(const ccurl_zlib *library, const uint8_t *input, size_t count, uint8_t *output, size_t capacity) {
  z_stream stream = {0};
  // 15 bits of window, and 16 for a gzip header instead of zlib's own.
  if (library->deflate_init2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, (int)sizeof stream) != Z_OK) return 0;
  stream.next_in = (Bytef *)input;
  stream.avail_in = (uInt)count;
  stream.next_out = output;
  stream.avail_out = (uInt)capacity;
  int result = library->deflate(&stream, Z_FINISH);
  size_t written = stream.total_out;
  library->deflate_end(&stream);
  return result == Z_STREAM_END ? written : 0;
}

/// Blocks SIGPIPE for the calling thread: with `CURLOPT_NOSIGNAL` libcurl leaves it alone, and a TLS library may still raise it.
static inline void ccurl_block_sigpipe(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

/// Whether an environment variable is set and not empty. The corresponding C function is `getenv`.
static inline int ccurl_environment_has(const char *name) {
  const char *value = getenv(name);
  return value && *value;
}

/// Milliseconds since 1970, UTC. The corresponding C function is `clock_gettime(CLOCK_REALTIME)`.
static inline int64_t ccurl_unix_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// The system's words for an error number, `Connection refused`; for a known number a constant. The corresponding C function is `strerror`.
static inline const char *ccurl_system_words(int number) {
  return strerror(number);
}
