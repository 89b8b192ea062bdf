/* Which addresses an image may be fetched from: public ones, and those that the host opened. Pure; who connects asks
 * for every connection. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ADDRESS_CIDRS_MOST = 64 };

/* An IPv6 prefix; an IPv4 one as the prefix of its mapped form. */
struct address_cidr {
    unsigned char bytes[16];
    unsigned int bits;
};

struct address_rules {
    struct address_cidr cidrs[ADDRESS_CIDRS_MOST];
    size_t count;
};

/* "10.0.0.0/8, fd00::/8, 192.0.2.1"; NULL and "" give no exceptions. False: it is not such a list. */
bool address_rules_parse(const char *list, struct address_rules *ret_rules);
/* Addresses that stand for an IPv4 address (mapped, NAT64) are judged as that one. */
bool address_is_allowed(const struct address_rules *rules, const struct sockaddr *address, size_t length);

#endif
