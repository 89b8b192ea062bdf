/* IPv4 addresses and networks as numbers and as text; IPv6 only as "is this one". */
#ifndef GURUM_BASE_IP4_H
#define GURUM_BASE_IP4_H

#include "base/attributes.h"

enum { IP4_TEXT_BYTES = 16, IP4_CIDR_BYTES = 20 };

/* "10.1.1.7" → its number. False: not an address (leading zeroes and short forms are refused). NULL: false. */
MUST_CHECK bool ip4_parse(const char *text, uint32_t *ret_address);
void ip4_format(uint32_t address, char text[static IP4_TEXT_BYTES]);
/* "255.255.255.0" → 24. False: not a netmask. */
MUST_CHECK bool ip4_parse_netmask(const char *text, unsigned *ret_bits);
uint32_t ip4_mask(unsigned bits);

struct ip4_network {
    uint32_t address; /* with the host bits cleared */
    unsigned bits;
};
/* "10.1.1.0/24"; host bits are cleared. */
MUST_CHECK bool ip4_parse_cidr(const char *text, struct ip4_network *ret_network);
void ip4_format_cidr(struct ip4_network network, char text[static IP4_CIDR_BYTES]);
bool ip4_contains(struct ip4_network network, uint32_t address);
uint32_t ip4_last(struct ip4_network network); /* its broadcast address */

/* An IPv4 or IPv6 address; an IPv6 prefix "2001:db8::/64". */
bool ip_is_address(const char *text);
bool ip6_is_address(const char *text);
bool ip6_is_prefix(const char *text);

#endif
