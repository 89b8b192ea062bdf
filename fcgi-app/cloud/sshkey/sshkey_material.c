/* Public key lines (RFC 4253 section 6.6, RFC 5656, RFC 8709, OpenSSH's PROTOCOL.u2f) and new pairs. libcrypto makes
 * the pairs, libsodium reads base64. */
#include "cloud/sshkey/sshkey_material.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <string.h>

#include "base/text.h"

enum {
    RSA_NEW_BITS = 3072,
    RSA_BITS_MIN = 1024,
    RSA_BITS_MAX = 16384,
    KEY_BYTES_MAX = 4096,
    LINE_BYTES_MAX = 8192,
    ED25519_BYTES = 32
};

/* What the key's bytes are read with. */
struct reader {
    const unsigned char *at;
    size_t left;
};
struct field_bytes {
    const unsigned char *bytes;
    size_t length;
};

static bool read_field(struct reader *reader, struct field_bytes *ret_field)
{
    if (reader->left < 4)
        return false;
    size_t length =
        (size_t)reader->at[0] << 24 | (size_t)reader->at[1] << 16 | (size_t)reader->at[2] << 8 | reader->at[3];
    if (length > reader->left - 4)
        return false;
    *ret_field = (struct field_bytes){reader->at + 4, length};
    reader->at += 4 + length;
    reader->left -= 4 + length;
    return true;
}

static bool is_text(const struct field_bytes *field, const char *text)
{
    return field->length == strlen(text) && memcmp(field->bytes, text, field->length) == 0;
}

/* Exponent and modulus; a leading zero byte keeps the number positive. */
static bool is_rsa(struct reader *reader)
{
    struct field_bytes exponent, modulus;
    if (!read_field(reader, &exponent) || !read_field(reader, &modulus) || exponent.length == 0)
        return false;
    while (modulus.length > 0 && modulus.bytes[0] == 0) {
        modulus.bytes++;
        modulus.length--;
    }
    return modulus.length * 8 >= RSA_BITS_MIN && modulus.length * 8 <= RSA_BITS_MAX && (exponent.bytes[0] & 0x80) == 0;
}

static bool is_ed25519(struct reader *reader)
{
    struct field_bytes point;
    return read_field(reader, &point) && point.length == ED25519_BYTES;
}

static bool is_curve(struct reader *reader, const char *curve, size_t coordinate_bytes)
{
    struct field_bytes name, point;
    return read_field(reader, &name) && is_text(&name, curve) && read_field(reader, &point) &&
           point.length == 1 + 2 * coordinate_bytes && point.bytes[0] == 4;
}

/* Keys of security tokens carry the application they are for at their end. */
static bool has_application(struct reader *reader)
{
    struct field_bytes application;
    return read_field(reader, &application) && application.length > 0;
}

static bool is_key_of_type(const char *type, struct reader *reader)
{
    if (string_equal(type, "ssh-rsa"))
        return is_rsa(reader);
    if (string_equal(type, "ssh-ed25519"))
        return is_ed25519(reader);
    if (string_equal(type, "ecdsa-sha2-nistp256"))
        return is_curve(reader, "nistp256", 32);
    if (string_equal(type, "ecdsa-sha2-nistp384"))
        return is_curve(reader, "nistp384", 48);
    if (string_equal(type, "ecdsa-sha2-nistp521"))
        return is_curve(reader, "nistp521", 66);
    if (string_equal(type, "sk-ssh-ed25519@openssh.com"))
        return is_ed25519(reader) && has_application(reader);
    if (string_equal(type, "sk-ecdsa-sha2-nistp256@openssh.com"))
        return is_curve(reader, "nistp256", 32) && has_application(reader);
    return false;
}

static bool has_type_and_key(const char *type, const unsigned char *bytes, size_t length)
{
    struct reader reader = {bytes, length};
    struct field_bytes name;
    return read_field(&reader, &name) && is_text(&name, type) && is_key_of_type(type, &reader) && reader.left == 0;
}

static bool fingerprint(struct arena *arena, const unsigned char *bytes, size_t length, const char **ret_text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_bytes = 0;
    struct text text;
    text_init(&text, arena, 64);
    if (EVP_Digest(bytes, length, digest, &digest_bytes, EVP_md5(), NULL) != 1)
        return false;
    for (unsigned i = 0; i < digest_bytes; i++)
        text_addf(&text, "%s%02x", i > 0 ? ":" : "", digest[i]);
    *ret_text = text_string(&text);
    return true;
}

static const unsigned char *decode(struct arena *arena, const char *base64, size_t *ret_bytes)
{
    size_t length = strlen(base64);
    unsigned char *bytes = arena_alloc_unset(arena, length + 1);
    if (sodium_base642bin(bytes, length, base64, length, "\r\n", ret_bytes, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return NULL;
    bytes[*ret_bytes] = '\0';
    return bytes;
}

/* The line itself, of a key that was pasted in base64 once more. */
static const char *unwrap(struct arena *arena, const char *text)
{
    size_t bytes = 0;
    if (strchr(text, ' ') != NULL)
        return text;
    const unsigned char *line = decode(arena, text, &bytes);
    return line != NULL && strlen((const char *)line) == bytes && string_is_utf8((const char *)line, bytes)
               ? (const char *)line
               : text;
}

bool ssh_public_key_read(struct arena *arena, const char *text, struct ssh_public_key *ret_key, struct error *err)
{
    size_t count = 0, bytes = 0;
    const char **words = string_split(arena, unwrap(arena, text), ' ', &count);
    struct text line;
    if (count < 2)
        return error_set(err, ERROR_INVALID_VALUE, "sshkey.invalid");
    const unsigned char *key = decode(arena, words[1], &bytes);
    text_init(&line, arena, LINE_BYTES_MAX);
    for (size_t i = 0; i < count; i++)
        text_addf(&line, "%s%s", i > 0 ? " " : "", words[i]);
    if (key == NULL || bytes > KEY_BYTES_MAX || line.overflowed || strpbrk(text_string(&line), "\r\n") != NULL ||
        !has_type_and_key(words[0], key, bytes))
        return error_set(err, ERROR_INVALID_VALUE, "sshkey.invalid");
    struct ssh_public_key read = {.line = text_string(&line)};
    if (!fingerprint(arena, key, bytes, &read.fingerprint))
        return error_set(err, ERROR_INTERNAL, "api.internal");
    *ret_key = read;
    return true;
}

/* ---- new pairs ---- */

static void add_field(unsigned char **at, const unsigned char *bytes, size_t length)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *(*at)++ = (unsigned char)(length >> shift);
    memcpy(*at, bytes, length);
    *at += length;
}

/* With a zero byte in front when the first bit is set: the number is positive. */
static void add_number(unsigned char **at, const BIGNUM *number)
{
    unsigned char bytes[RSA_NEW_BITS / 8 + 1] = {0};
    int length = BN_bn2bin(number, bytes + 1);
    bool is_high = (bytes[1] & 0x80) != 0;
    add_field(at, is_high ? bytes : bytes + 1, (size_t)length + is_high);
}

static bool public_line(struct arena *arena, const EVP_PKEY *pair, const char **ret_line)
{
    static const char TYPE[] = "ssh-rsa";
    unsigned char key[RSA_NEW_BITS / 4], *at = key;
    BIGNUM *modulus = NULL, *exponent = NULL;
    bool ok = EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1 &&
              EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1;
    if (ok) {
        add_field(&at, (const unsigned char *)TYPE, sizeof(TYPE) - 1);
        add_number(&at, exponent);
        add_number(&at, modulus);
        size_t bytes = (size_t)(at - key), room = sodium_base64_encoded_len(bytes, sodium_base64_VARIANT_ORIGINAL);
        char *base64 = arena_alloc_unset(arena, room);
        *ret_line = arena_printf(arena, "%s %s", TYPE,
                                 sodium_bin2base64(base64, room, key, bytes, sodium_base64_VARIANT_ORIGINAL));
    }
    BN_free(modulus);
    BN_free(exponent);
    return ok;
}

static void wipe(void *pem)
{
    sodium_memzero(pem, strlen(pem));
}

static bool private_pem(struct arena *arena, const EVP_PKEY *pair, const char **ret_pem)
{
    BIO *out = BIO_new(BIO_s_secmem());
    char *bytes = NULL;
    bool ok = out != NULL && PEM_write_bio_PrivateKey_traditional(out, pair, NULL, NULL, 0, NULL, NULL) == 1;
    if (ok) {
        long length = BIO_get_mem_data(out, &bytes);
        char *pem = arena_strndup(arena, bytes, (size_t)length);
        arena_defer(arena, wipe, pem);
        *ret_pem = pem;
    }
    BIO_free(out);
    return ok;
}

bool ssh_key_pair_make(struct arena *arena, struct ssh_key_pair *ret_pair, struct error *err)
{
    struct ssh_key_pair made = {.private_pem = NULL};
    const char *line = NULL;
    EVP_PKEY *pair = EVP_RSA_gen(RSA_NEW_BITS);
    bool ok = pair != NULL && public_line(arena, pair, &line) && private_pem(arena, pair, &made.private_pem);
    EVP_PKEY_free(pair);
    if (!ok) {
        error_set(err, ERROR_INTERNAL, "api.internal");
        return error_add_detail(err, "libcrypto made no key pair");
    }
    if (!ssh_public_key_read(arena, line, &made.public_key, err))
        return false;
    *ret_pair = made;
    return true;
}
