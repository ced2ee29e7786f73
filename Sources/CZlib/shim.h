#ifndef PORTPOOL_CZLIB_H
#define PORTPOOL_CZLIB_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

/* The most bytes that `czlib_gzip` can make of `length` bytes: zlib's own bound and the longer gzip wrapper (18 bytes against 6). */
static inline size_t czlib_gzip_bound(size_t length) { return compressBound(length) + 12; }

/* Compresses `length` bytes to one gzip member (RFC 1952) and returns its size, or 0 when zlib cannot: no memory, or no room in `output`.
   `deflateInit2` is a macro, which Swift does not see. */
static inline size_t czlib_gzip(const uint8_t *input, size_t length, uint8_t *output, size_t capacity, int level) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (length > UINT_MAX || capacity > UINT_MAX) return 0;
  /* 15 bits of window, 16 more ask for the gzip wrapper; memory level 8 is zlib's default. */
  if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  stream.next_in = (Bytef *)input;
  stream.avail_in = (uInt)length;
  stream.next_out = output;
  stream.avail_out = (uInt)capacity;
  int result = deflate(&stream, Z_FINISH);
  size_t size = capacity - stream.avail_out;
  deflateEnd(&stream);
  return result == Z_STREAM_END ? size : 0;
}

#endif
