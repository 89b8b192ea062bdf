/* Addresses between text and number, by inet_pton and inet_ntop. */
#include "base/ip4.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool ip4_parse(const char *text, uint32_t *ret_address)
{
    struct in_addr address;
    if (!text || inet_pton(AF_INET, text, &address) != 1)
        return false;
    *ret_address = ntohl(address.s_addr);
    return true;
}

void ip4_format(uint32_t address, char text[static IP4_TEXT_BYTES])
{
    struct in_addr in = {.s_addr = htonl(address)};
    if (!inet_ntop(AF_INET, &in, text, IP4_TEXT_BYTES))
        text[0] = '\0';
}

uint32_t ip4_mask(unsigned bits)
{
    return bits == 0 ? 0 : UINT32_MAX << (32 - bits);
}

bool ip4_parse_netmask(const char *text, unsigned *ret_bits)
{
    uint32_t mask;
    if (!ip4_parse(text, &mask))
        return false;
    for (unsigned bits = 0; bits <= 32; bits++)
        if (ip4_mask(bits) == mask) {
            *ret_bits = bits;
            return true;
        }
    return false;
}

bool ip4_parse_cidr(const char *text, struct ip4_network *ret_network)
{
    char address[IP4_TEXT_BYTES];
    const char *slash = text ? strchr(text, '/') : NULL;
    uint32_t number;
    int64_t bits;
    if (!slash || (size_t)(slash - text) >= sizeof(address))
        return false;
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = '\0';
    if (!ip4_parse(address, &number) || !string_to_int(slash + 1, &bits) || bits < 0 || bits > 32)
        return false;
    *ret_network = (struct ip4_network){.address = number & ip4_mask((unsigned)bits), .bits = (unsigned)bits};
    return true;
}

void ip4_format_cidr(struct ip4_network network, char text[static IP4_CIDR_BYTES])
{
    char address[IP4_TEXT_BYTES];
    ip4_format(network.address, address);
    snprintf(text, IP4_CIDR_BYTES, "%s/%u", address, network.bits % 100);
}

bool ip4_contains(struct ip4_network network, uint32_t address)
{
    return (address & ip4_mask(network.bits)) == network.address;
}

uint32_t ip4_last(struct ip4_network network)
{
    return network.address | ~ip4_mask(network.bits);
}

bool ip6_is_address(const char *text)
{
    struct in6_addr address;
    return text && inet_pton(AF_INET6, text, &address) == 1;
}

bool ip_is_address(const char *text)
{
    uint32_t address;
    return ip4_parse(text, &address) || ip6_is_address(text);
}

bool ip6_is_prefix(const char *text)
{
    char address[INET6_ADDRSTRLEN];
    const char *slash = text ? strchr(text, '/') : NULL;
    int64_t bits;
    if (!slash || (size_t)(slash - text) >= sizeof(address))
        return false;
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = '\0';
    return ip6_is_address(address) && string_to_int(slash + 1, &bits) && bits >= 0 && bits <= 128;
}
