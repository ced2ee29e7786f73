#pragma once

/// The commit this program was built from, handed over by `make`; "unknown" otherwise.
const char *_Nonnull portpool_revision(void);
