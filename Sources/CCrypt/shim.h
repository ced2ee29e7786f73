#ifndef PORTPOOL_CCRYPT_H
#define PORTPOOL_CCRYPT_H

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

/* Whether `phrase` has the hash `hash`: 1 yes, 0 no, -1 when the hash is of no kind that crypt(3) knows or memory is short.
   The 32 KiB that a computation needs are on the heap, and cleared after it. The strings are compared in constant time. */
static inline int ccrypt_matches(const char *phrase, const char *hash) {
  struct crypt_data *data = (struct crypt_data *)calloc(1, sizeof *data);
  if (!data) return -1;
  const char *computed = crypt_r(phrase, hash, data);
  int result = -1;
  if (computed && computed[0] != '*') {
    size_t length = strlen(hash);
    unsigned char difference = strlen(computed) != length;
    if (!difference) {
      for (size_t index = 0; index < length; index++) difference |= (unsigned char)(computed[index] ^ hash[index]);
    }
    result = difference == 0;
  }
  explicit_bzero(data, sizeof *data);
  free(data);
  return result;
}

#endif
