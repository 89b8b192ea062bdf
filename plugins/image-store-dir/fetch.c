/* The transfer by libcurl. See fetch.h. Danger: the address of a source is chosen by tenants. So the judgement is made
 * where sockets are opened: neither a redirect nor a name that changes its address gets around it. */
#include "fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { REDIRECTS_MOST = 5, CONNECT_SECONDS = 20, LOOK_AT_SPACE_EVERY = 16 << 20 };

/* Why a transfer was stopped by us. */
enum stop { STOP_NONE, STOP_TOO_LARGE, STOP_NO_SPACE, STOP_WRITE, STOP_FORMAT, STOP_STALLED };

struct transfer {
    struct fetch *fetch;
    struct gurum_call *call;
    CURL *curl;
    EVP_MD_CTX *sha256, *wanted; /* wanted: NULL when there is none */
    unsigned char head[FORMAT_HEAD_BYTES];
    size_t head_length;
    struct format_found found;
    enum stop stop;
    int write_error;
    bool address_refused; /* the address asked for last */
    curl_off_t seen;      /* bytes when the progress was looked at last, and since when they are the same */
    time_t seen_since;
    char error[CURL_ERROR_SIZE];
};

/* ---- What libcurl calls ---- */

static curl_socket_t socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;
    bool is_allowed =
        purpose == CURLSOCKTYPE_IPCXN && address_is_allowed(transfer->fetch->rules, &address->addr, address->addrlen);
    transfer->address_refused = !is_allowed;
    if (!is_allowed)
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool has_space(const struct fetch *fetch)
{
    struct statvfs space;
    return fstatvfs(fetch->file, &space) != 0 || (uint64_t)space.f_bavail * space.f_frsize >= fetch->keep_free_bytes;
}

static bool write_all(int file, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, data, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        length -= (size_t)written;
    }
    return true;
}

static enum stop head_judge(struct transfer *transfer)
{
    transfer->found = format_read(transfer->head, transfer->head_length);
    uint64_t most = transfer->fetch->size_bytes_most;
    if (transfer->found.refusal != NULL || !format_suits(transfer->found.format, transfer->fetch->wanted_format))
        return STOP_FORMAT;
    return most > 0 && transfer->found.virtual_size > most ? STOP_TOO_LARGE : STOP_NONE;
}

/* A wrong file is given up as soon as its head is there, not after gigabytes. */
static enum stop head_take(struct transfer *transfer, const char *data, size_t length)
{
    size_t room = FORMAT_HEAD_BYTES - transfer->head_length, taken = length < room ? length : room;
    if (taken == 0)
        return STOP_NONE;
    memcpy(transfer->head + transfer->head_length, data, taken);
    transfer->head_length += taken;
    return transfer->head_length == FORMAT_HEAD_BYTES ? head_judge(transfer) : STOP_NONE;
}

static size_t data_take(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct fetch *fetch = transfer->fetch;
    size_t length = size * count;
    uint64_t before = fetch->ret_size_bytes;
    fetch->ret_size_bytes += length;
    if (fetch->size_bytes_most > 0 && fetch->ret_size_bytes > fetch->size_bytes_most)
        transfer->stop = STOP_TOO_LARGE;
    else if ((before / LOOK_AT_SPACE_EVERY != fetch->ret_size_bytes / LOOK_AT_SPACE_EVERY || before == 0) &&
             !has_space(fetch))
        transfer->stop = STOP_NO_SPACE;
    else
        transfer->stop = head_take(transfer, data, length);
    if (transfer->stop == STOP_NONE && !write_all(fetch->file, data, length)) {
        transfer->write_error = errno;
        transfer->stop = errno == ENOSPC || errno == EDQUOT ? STOP_NO_SPACE : STOP_WRITE;
    }
    if (transfer->stop != STOP_NONE || EVP_DigestUpdate(transfer->sha256, data, length) != 1 ||
        (transfer->wanted != NULL && EVP_DigestUpdate(transfer->wanted, data, length) != 1))
        return CURL_WRITEFUNC_ERROR;
    return length;
}

static time_t seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Called about once a second also when nothing comes. libcurl's own watch over slowness needs several seconds more. */
static int progress_tell(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    struct transfer *transfer = context;
    (void)up_total, (void)up_now;
    time_t second = seconds_now();
    if (now != transfer->seen)
        transfer->seen_since = second;
    transfer->seen = now;
    if (second - transfer->seen_since > transfer->fetch->stall_seconds) {
        transfer->stop = STOP_STALLED;
        return 1;
    }
    if (now > 0)
        transfer->fetch->services->progress(transfer->call, (uint64_t)now, total > 0 ? (uint64_t)total : 0, "fetch");
    return transfer->fetch->services->cancelled(transfer->call) ? 1 : 0;
}

/* ---- Failures ---- */

#define FAIL(transfer, status, reason, ...)                                                                            \
    (transfer)->fetch->services->fail((transfer)->call, (status), (reason), __VA_ARGS__)

static int32_t stopped(const struct transfer *transfer)
{
    const struct fetch *fetch = transfer->fetch;
    switch (transfer->stop) {
    case STOP_TOO_LARGE:
        return FAIL(transfer, GURUM_INVALID, "image_too_large",
                    "the file or its disk is larger than the ceiling of %" PRIu64 " bytes", fetch->size_bytes_most);
    case STOP_FORMAT:
        if (transfer->found.refusal != NULL)
            return FAIL(transfer, GURUM_INVALID, "image_refused", "%s image: %s", format_name(transfer->found.format),
                        transfer->found.refusal);
        return FAIL(transfer, GURUM_INVALID, "format_mismatch", "it is to be a %s image, but it is a %s file",
                    format_name(fetch->wanted_format), format_name(transfer->found.format));
    case STOP_NO_SPACE:
        return FAIL(transfer, GURUM_NO_CAPACITY, "store_full", "the image store has no space left for it");
    case STOP_WRITE:
        return FAIL(transfer, GURUM_FAILED, "store_write", "cannot write: %s", strerror(transfer->write_error));
    case STOP_STALLED:
        return FAIL(transfer, GURUM_TIMED_OUT, "source_stalled", "nothing came for %ld seconds", fetch->stall_seconds);
    case STOP_NONE:
        break;
    }
    return GURUM_INTERNAL;
}

static int32_t refused_by_source(const struct transfer *transfer)
{
    long code = 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &code);
    if (code == 408 || code == 429 || code >= 500)
        return FAIL(transfer, GURUM_UNREACHABLE, "source_unreachable", "the source answers %ld", code);
    return FAIL(transfer, GURUM_NOT_FOUND, "source_absent", "the source answers %ld", code);
}

static int32_t failed(const struct transfer *transfer, CURLcode result)
{
    const char *words = transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(result);
    if (transfer->stop != STOP_NONE)
        return stopped(transfer);
    switch ((int)result) {
    case CURLE_ABORTED_BY_CALLBACK:
        return FAIL(transfer, GURUM_CANCELLED, "cancelled", "the fetch was cancelled");
    case CURLE_HTTP_RETURNED_ERROR:
        return refused_by_source(transfer);
    case CURLE_FILESIZE_EXCEEDED:
        return FAIL(transfer, GURUM_INVALID, "image_too_large", "the source tells a size above the ceiling of %" PRIu64,
                    transfer->fetch->size_bytes_most);
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return FAIL(transfer, GURUM_INVALID, "url_unusable", "%s", words);
    case CURLE_PEER_FAILED_VERIFICATION:
        return FAIL(transfer, GURUM_INVALID, "source_not_trusted", "%s", words);
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        return FAIL(transfer, GURUM_UNREACHABLE, "source_broke_off", "%s", words);
    case CURLE_OPERATION_TIMEDOUT:
        return FAIL(transfer, GURUM_TIMED_OUT, "source_stalled", "%s", words);
    default:
        break;
    }
    if (transfer->address_refused)
        return FAIL(transfer, GURUM_INVALID, "address_not_allowed", "the source lies at an address that is not public");
    return FAIL(transfer, GURUM_UNREACHABLE, "source_unreachable", "%s", words);
}

/* ---- Checksums ---- */

static bool hex_of(EVP_MD_CTX *context, char *hex, size_t capacity)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (EVP_DigestFinal_ex(context, bytes, &length) != 1 || length * 2 >= capacity)
        return false;
    for (unsigned int i = 0; i < length; i++)
        snprintf(hex + (size_t)i * 2, 3, "%02x", bytes[i]);
    return true;
}

static int32_t checksums_judge(struct transfer *transfer)
{
    char found[CHECKSUM_HEX_BYTES];
    struct fetch *fetch = transfer->fetch;
    if (!hex_of(transfer->sha256, fetch->ret_sha256, sizeof(fetch->ret_sha256)) ||
        (transfer->wanted != NULL && !hex_of(transfer->wanted, found, sizeof(found))))
        return FAIL(transfer, GURUM_INTERNAL, "digest", "the checksum could not be computed");
    if (transfer->wanted != NULL && strcmp(found, fetch->wanted->hex) != 0)
        return FAIL(transfer, GURUM_INVALID, "checksum_mismatch", "its %s checksum is %s, not %s",
                    fetch->wanted->algorithm, found, fetch->wanted->hex);
    return GURUM_OK;
}

static bool digests_open(struct transfer *transfer)
{
    const char *algorithm = transfer->fetch->wanted->algorithm;
    transfer->sha256 = EVP_MD_CTX_new();
    if (transfer->sha256 == NULL || EVP_DigestInit_ex(transfer->sha256, EVP_sha256(), NULL) != 1)
        return false;
    if (algorithm == NULL)
        return true;
    transfer->wanted = EVP_MD_CTX_new();
    const EVP_MD *digest = EVP_get_digestbyname(algorithm);
    return transfer->wanted != NULL && digest != NULL && EVP_DigestInit_ex(transfer->wanted, digest, NULL) == 1;
}

/* ---- The transfer ---- */

/* What is not set here stays at libcurl's defaults: no cookies, no .netrc, no HTTP/0.9, certificates are verified. */
static bool options_set(struct transfer *transfer)
{
    struct fetch *fetch = transfer->fetch;
    CURL *curl = transfer->curl;
    bool is_secure = strncasecmp(fetch->url, "https:", 6) == 0;
    CURLcode bad = CURLE_OK;
#define SET(option, value) bad = bad != CURLE_OK ? bad : curl_easy_setopt(curl, option, value)
    SET(CURLOPT_URL, fetch->url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, is_secure ? "https" : "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 1L);
    SET(CURLOPT_MAXREDIRS, (long)REDIRECTS_MOST);
    SET(CURLOPT_PROXY, ""); /* none, whatever the environment says: a proxy would connect in our place */
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_OPENSOCKETFUNCTION, socket_open);
    SET(CURLOPT_OPENSOCKETDATA, transfer);
    SET(CURLOPT_FAILONERROR, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    SET(CURLOPT_HTTP_CONTENT_DECODING, 0L); /* the file as it lies there: its checksum is that of these bytes */
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)fetch->size_bytes_most);
    SET(CURLOPT_WRITEFUNCTION, data_take);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, progress_tell);
    SET(CURLOPT_XFERINFODATA, transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->error);
    SET(CURLOPT_USERAGENT, "Gurum");
#undef SET
    return bad == CURLE_OK;
}

static int32_t transfer_run(struct transfer *transfer)
{
    struct fetch *fetch = transfer->fetch;
    if (transfer->curl == NULL || !digests_open(transfer) || !options_set(transfer))
        return FAIL(transfer, GURUM_INTERNAL, "curl", "the transfer could not be prepared");
    CURLcode result = curl_easy_perform(transfer->curl);
    if (result != CURLE_OK)
        return failed(transfer, result);
    if (transfer->head_length < FORMAT_HEAD_BYTES && (transfer->stop = head_judge(transfer)) != STOP_NONE)
        return stopped(transfer);
    bool tells_size = transfer->found.virtual_size > 0 || transfer->found.format == GURUM_FORMAT_TAR;
    fetch->ret_format = transfer->found.format == GURUM_FORMAT_UNKNOWN || fetch->wanted_format == GURUM_FORMAT_OVA ||
                                fetch->wanted_format == GURUM_FORMAT_RAW
                            ? fetch->wanted_format
                            : transfer->found.format;
    fetch->ret_virtual_size = tells_size ? transfer->found.virtual_size : fetch->ret_size_bytes;
    if (fetch->ret_size_bytes == 0)
        return FAIL(transfer, GURUM_INVALID, "image_refused", "the file is empty");
    return checksums_judge(transfer);
}

int32_t fetch_run(struct gurum_call *call, struct fetch *fetch)
{
    struct transfer *transfer = calloc(1, sizeof(*transfer));
    if (transfer == NULL)
        return fetch->services->fail(call, GURUM_FAILED, "memory", "no memory for a transfer");
    transfer->fetch = fetch;
    transfer->call = call;
    transfer->curl = curl_easy_init();
    transfer->seen_since = seconds_now();
    int32_t status = transfer_run(transfer);
    EVP_MD_CTX_free(transfer->sha256);
    EVP_MD_CTX_free(transfer->wanted);
    curl_easy_cleanup(transfer->curl);
    free(transfer);
    return status;
}
