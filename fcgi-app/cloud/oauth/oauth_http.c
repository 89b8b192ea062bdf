/* HTTP to providers by libcurl. The address that a connection goes to is judged, not the name: a name may lead
 * anywhere. */
#include "cloud/oauth/oauth_http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "base/gate.h"
#include "base/text.h"
#include "http/http.h"

enum { ASKING_AT_ONCE = 2, ASKING_WAITING_MAX = 4, WAIT_MS = 3000, TIMEOUT_S = 8, ANSWER_MAX_BYTES = 256 * 1024 };
static struct gate asking = GATE_INITIALIZER(ASKING_AT_ONCE, ASKING_WAITING_MAX);

/* ---- addresses ---- */

struct network {
    unsigned char bytes[16];
    int bits;
};

/* An address, with IPv4 as IPv6 has it (::ffff:a.b.c.d); *ret_bits: of a whole one. */
static bool read_address(const char *text, unsigned char bytes[16], int *ret_bits)
{
    static const unsigned char MAPPED[12] = {[10] = 0xff, [11] = 0xff};
    *ret_bits = 128;
    if (inet_pton(AF_INET6, text, bytes) == 1)
        return true;
    memcpy(bytes, MAPPED, sizeof(MAPPED));
    return inet_pton(AF_INET, text, bytes + 12) == 1;
}

static bool read_network(const char *text, struct network *network)
{
    char address[64];
    const char *slash = strchr(text, '/');
    int64_t bits = 128;
    string_copy(address, sizeof(address), text);
    if (slash && (size_t)(slash - text) < sizeof(address))
        address[slash - text] = '\0';
    if (!read_address(address, network->bytes, &network->bits) || (slash && !string_to_int(slash + 1, &bits)))
        return false;
    if (slash && !strchr(address, ':'))
        bits += 96;
    network->bits = (int)bits;
    return bits >= 0 && bits <= 128;
}

static bool is_within(const unsigned char bytes[16], const struct network *network)
{
    int whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(bytes, network->bytes, (size_t)whole) != 0)
        return false;
    unsigned mask = (0xff00u >> rest) & 0xffu;
    return rest == 0 || (bytes[whole] & mask) == (network->bytes[whole] & mask);
}

static bool is_in_list(const unsigned char bytes[16], const char *list)
{
    struct arena arena;
    size_t count = 0;
    bool found = false;
    arena_init(&arena);
    const char **items = string_split(&arena, list, ',', &count);
    for (size_t i = 0; i < count && !found; i++) {
        struct network network;
        found = read_network(items[i], &network) && is_within(bytes, &network);
    }
    arena_free(&arena);
    return found;
}

/* Of the registries of special-purpose addresses (RFC 6890 and its successors): what is not the public internet. */
#define NOT_PUBLIC                                                                                                     \
    "0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,192.0.2.0/24,"           \
    "192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,224.0.0.0/4,240.0.0.0/4,"              \
    "::/96,64:ff9b::/96,100::/64,2001::/23,2001:db8::/32,2002::/16,fc00::/7,fe80::/10,ff00::/8"

static bool is_listed(const char *address, const char *list)
{
    unsigned char bytes[16];
    int bits;
    return read_address(address, bytes, &bits) && is_in_list(bytes, list);
}

bool oauth_address_is_allowed(const char *address, const char *allowed)
{
    unsigned char bytes[16];
    int bits;
    return read_address(address, bytes, &bits) && (is_in_list(bytes, allowed) || !is_in_list(bytes, NOT_PUBLIC));
}

/* ---- the request ---- */

struct exchange {
    const char *allowed;
    bool is_plain; /* without TLS: only to addresses that are listed */
    struct text answer;
};

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    const struct exchange *exchange = context;
    char text[INET6_ADDRSTRLEN] = "";
    (void)purpose;
    const void *bytes = address->family == AF_INET6
                            ? (const void *)&((const struct sockaddr_in6 *)(const void *)&address->addr)->sin6_addr
                            : (const void *)&((const struct sockaddr_in *)(const void *)&address->addr)->sin_addr;
    if (!inet_ntop(address->family, bytes, text, sizeof(text)) || !oauth_address_is_allowed(text, exchange->allowed) ||
        (exchange->is_plain && !is_listed(text, exchange->allowed)))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    text_add_bytes(&exchange->answer, bytes, size * count);
    return exchange->answer.overflowed ? 0 : size * count;
}

static const char *form_text(struct arena *arena, const struct pair_list *form)
{
    struct text text;
    text_init(&text, arena, 16384);
    for (size_t i = 0; i < form->count; i++) {
        text_addf(&text, "%s%s=", i ? "&" : "", form->items[i].name);
        http_add_url_encoded(&text, form->items[i].value);
    }
    return text_string(&text);
}

static CURLcode set_options(CURL *curl, const char *url, struct exchange *exchange, struct curl_slist *headers,
                            const char *form)
{
    CURLcode bad = CURLE_OK;
#define SET(option, value) bad = bad != CURLE_OK ? bad : curl_easy_setopt(curl, option, value)
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, ""); /* not from the environment */
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    SET(CURLOPT_USERAGENT, "Gurum/" GURUM_VERSION);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, exchange);
    SET(CURLOPT_WRITEFUNCTION, take);
    SET(CURLOPT_WRITEDATA, exchange);
    if (form)
        SET(CURLOPT_COPYPOSTFIELDS, form);
#undef SET
    return bad;
}

static void put_json(void *json)
{
    json_object_put(json);
}

static bool judge(struct arena *arena, CURLcode code, long status, const struct exchange *exchange,
                  struct json_object **ret_json, struct error *err)
{
    struct json_object *json =
        code == CURLE_OK && status == 200 ? json_tokener_parse(text_string(&exchange->answer)) : NULL;
    bool is_usable =
        json && (json_object_is_type(json, json_type_object) || json_object_is_type(json, json_type_array));
    if (json)
        arena_defer(arena, put_json, json);
    if (is_usable) {
        *ret_json = json;
        return true;
    }
    error_set(err, ERROR_RESOURCE_UNAVAILABLE, "oauth.no_answer");
    return error_add_detail(err, "status %ld: %s", status, curl_easy_strerror(code));
}

bool oauth_fetch(struct arena *arena, const char *url, const char *allowed, const struct pair_list *form,
                 const char *bearer, struct json_object **ret_json, struct error *err)
{
    struct exchange exchange = {.allowed = allowed, .is_plain = !string_starts_with(url, "https://")};
    long status = 0;
    text_init(&exchange.answer, arena, ANSWER_MAX_BYTES);
    if (!gate_enter(&asking, WAIT_MS))
        return error_set(err, ERROR_UNAVAILABLE, "oauth.too_many");
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    if (bearer)
        headers = curl_slist_append(headers, arena_printf(arena, "Authorization: Bearer %s", bearer));
    CURL *curl = curl_easy_init();
    CURLcode code = curl && headers ? set_options(curl, url, &exchange, headers, form ? form_text(arena, form) : NULL)
                                    : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK)
        code = curl_easy_perform(curl);
    if (curl)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    gate_leave(&asking);
    return judge(arena, code, status, &exchange, ret_json, err);
}
