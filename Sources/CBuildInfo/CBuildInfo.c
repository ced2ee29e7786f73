#include "CBuildInfo.h"

#ifndef PORTPOOL_REVISION
#define PORTPOOL_REVISION "unknown"
#endif

const char *portpool_revision(void) { return PORTPOOL_REVISION; }
