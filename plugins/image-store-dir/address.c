/* The judgement of addresses. See address.h. */
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define PREFIX_4 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
#define CIDR_4(a, b, c, d, length)                                                                                     \
    {                                                                                                                  \
        {PREFIX_4, a, b, c, d}, 96 + (length)                                                                          \
    }

/* The parts of IPv4 that are not public, and one public address that a cloud answers metadata on. */
static const struct address_cidr INNER_4[] = {
    CIDR_4(0, 0, 0, 0, 8),      CIDR_4(10, 0, 0, 0, 8),     CIDR_4(100, 64, 0, 0, 10), CIDR_4(127, 0, 0, 0, 8),
    CIDR_4(169, 254, 0, 0, 16), CIDR_4(172, 16, 0, 0, 12),  CIDR_4(192, 0, 0, 0, 24),  CIDR_4(192, 0, 2, 0, 24),
    CIDR_4(192, 88, 99, 0, 24), CIDR_4(192, 168, 0, 0, 16), CIDR_4(198, 18, 0, 0, 15), CIDR_4(198, 51, 100, 0, 24),
    CIDR_4(203, 0, 113, 0, 24), CIDR_4(224, 0, 0, 0, 4),    CIDR_4(240, 0, 0, 0, 4),   CIDR_4(168, 63, 129, 16, 32),
};
/* Of IPv6 only global unicast is public, without what is reserved in it: protocols and tunnels, documentation, 6to4. */
static const struct address_cidr GLOBAL_6 = {{0x20}, 3};
static const struct address_cidr INNER_6[] = {
    {{0x20, 0x01, 0x00}, 23}, {{0x20, 0x01, 0x0d, 0xb8}, 32}, {{0x20, 0x02}, 16}, {{0x3f, 0xff, 0x00}, 20}};
static const struct address_cidr MAPPED_4 = {{PREFIX_4}, 96};
static const struct address_cidr NAT64 = {{0x00, 0x64, 0xff, 0x9b}, 96};

static bool is_in(const unsigned char *address, const struct address_cidr *cidr)
{
    unsigned int whole = cidr->bits / 8, rest = cidr->bits % 8;
    if (memcmp(address, cidr->bytes, whole) != 0)
        return false;
    unsigned int mask = 0xff00u >> rest & 0xffu;
    return rest == 0 || ((address[whole] ^ cidr->bytes[whole]) & mask) == 0;
}

static bool is_in_any(const unsigned char *address, const struct address_cidr *cidrs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_in(address, &cidrs[i]))
            return true;
    }
    return false;
}

static void map_4(const void *four_bytes, unsigned char *ret_address)
{
    memcpy(ret_address, MAPPED_4.bytes, 12);
    memcpy(ret_address + 12, four_bytes, 4);
}

static bool bits_parse(const char *text, unsigned int most, unsigned int *ret_bits)
{
    unsigned int bits = 0;
    if (*text == '\0' || strlen(text) > 3)
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        bits = bits * 10 + (unsigned int)(*text - '0');
    }
    *ret_bits = bits;
    return bits <= most;
}

static bool cidr_parse(char *text, struct address_cidr *ret_cidr)
{
    struct in_addr four;
    char *slash = strchr(text, '/');
    if (slash != NULL)
        *slash = '\0';
    bool is_4 = inet_pton(AF_INET, text, &four) == 1;
    if (is_4)
        map_4(&four, ret_cidr->bytes);
    else if (inet_pton(AF_INET6, text, ret_cidr->bytes) != 1)
        return false;
    unsigned int most = is_4 ? 32 : 128, bits = most;
    if (slash != NULL && !bits_parse(slash + 1, most, &bits))
        return false;
    ret_cidr->bits = is_4 ? 96 + bits : bits;
    return true;
}

bool address_rules_parse(const char *list, struct address_rules *ret_rules)
{
    static const char separators[] = ", \t";
    ret_rules->count = 0;
    for (const char *at = list == NULL ? "" : list; *(at += strspn(at, separators)) != '\0';) {
        char word[64];
        size_t length = strcspn(at, separators);
        if (length >= sizeof(word) || ret_rules->count == ADDRESS_CIDRS_MOST)
            return false;
        memcpy(word, at, length);
        word[length] = '\0';
        if (!cidr_parse(word, &ret_rules->cidrs[ret_rules->count]))
            return false;
        ret_rules->count++;
        at += length;
    }
    return true;
}

static bool bytes_of(const struct sockaddr *address, size_t length, unsigned char *ret_bytes)
{
    if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in four;
        memcpy(&four, address, sizeof(four));
        map_4(&four.sin_addr, ret_bytes);
        return true;
    }
    if (address->sa_family != AF_INET6 || length < sizeof(struct sockaddr_in6))
        return false;
    struct sockaddr_in6 six;
    memcpy(&six, address, sizeof(six));
    if (is_in(six.sin6_addr.s6_addr, &NAT64))
        map_4(six.sin6_addr.s6_addr + 12, ret_bytes);
    else
        memcpy(ret_bytes, six.sin6_addr.s6_addr, 16);
    return true;
}

bool address_is_allowed(const struct address_rules *rules, const struct sockaddr *address, size_t length)
{
    unsigned char bytes[16];
    if (!bytes_of(address, length, bytes))
        return false;
    if (is_in_any(bytes, rules->cidrs, rules->count))
        return true;
    if (is_in(bytes, &MAPPED_4))
        return !is_in_any(bytes, INNER_4, sizeof(INNER_4) / sizeof(INNER_4[0]));
    return is_in(bytes, &GLOBAL_6) && !is_in_any(bytes, INNER_6, sizeof(INNER_6) / sizeof(INNER_6[0]));
}
