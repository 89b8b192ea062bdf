/* Fetches one file over HTTP into an open file: from allowed addresses only, below a ceiling, with its checksums. */
#ifndef FETCH_H
#define FETCH_H

#include "address.h"
#include "checksum.h"
#include "format.h"
#include "gurum_plugin.h"

struct fetch {
    const struct gurum_services *services;
    const char *url;
    const struct address_rules *rules;
    const struct checksum *wanted;
    uint32_t wanted_format;   /* enum gurum_image_format */
    uint64_t size_bytes_most; /* 0: none */
    uint64_t keep_free_bytes; /* that the file system must have left */
    long stall_seconds;       /* without a byte, after which the source is given up */
    int file;                 /* empty, and the caller's to close */
    uint64_t ret_size_bytes, ret_virtual_size;
    uint32_t ret_format;
    char ret_sha256[65];
};

/* OK, or what fail() was told. What is in the file then means nothing. */
int32_t fetch_run(struct gurum_call *call, struct fetch *fetch);

#endif
