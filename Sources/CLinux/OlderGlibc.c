// What the program would otherwise take from a newer C library than it needs. Nobody calls either: `hypotf` belongs to the Swift runtime's list of
// functions on Float, `arc4random_buf` to libcrypt's makers of salts. Tests/Checks/linked-libraries says which C library is enough.
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/random.h>

__attribute__((visibility("hidden"))) float hypotf(float x, float y);
__attribute__((visibility("hidden"))) void arc4random_buf(void *bytes, size_t count);

// Since glibc 2.35 a new version. The squares of two floats fit a double, and so does their sum.
float hypotf(float x, float y) { return isinf(x) || isinf(y) ? HUGE_VALF : (float)sqrt((double)x * x + (double)y * y); }

// Since glibc 2.36.
void arc4random_buf(void *bytes, size_t count) {
  char *next = bytes;
  while (count > 0) {
    ssize_t got = getrandom(next, count, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) abort();
    next += got;
    count -= (size_t)got;
  }
}
