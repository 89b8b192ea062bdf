/* Checksums as people write them: "{SHA-256}hex", "sha256:hex", or hex alone, whose length tells the algorithm. Pure.
 */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stdbool.h>

enum { CHECKSUM_HEX_BYTES = 129 };

struct checksum {
    const char *algorithm; /* as libcrypto names it; NULL: no checksum */
    char hex[CHECKSUM_HEX_BYTES];
};

/* NULL and "" are no checksum. False: it is none that is known here. */
bool checksum_parse(const char *text, struct checksum *ret_checksum);

#endif
