/* See mail_compose.h. Everything that is not ours is encoded: no value can begin a header or a part of its own. */
#include "cloud/mail/mail_compose.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

enum { WORD_BYTES = 42, LINE_BYTES = 57, ADDRESS_MAX = 254 };

bool mail_address_is_valid(const char *address)
{
    const char *at = address ? strchr(address, '@') : NULL;
    if (!at || at == address || at[1] == '\0' || strchr(at + 1, '@') || strlen(address) > ADDRESS_MAX)
        return false;
    for (const char *c = address; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr("<>()[]\\,;:\"", *c))
            return false;
    return true;
}

static void add_base64(struct text *out, const char *bytes, size_t length)
{
    char encoded[sodium_base64_ENCODED_LEN(LINE_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    sodium_bin2base64(encoded, sizeof(encoded), (const unsigned char *)bytes, length, sodium_base64_VARIANT_ORIGINAL);
    text_add(out, encoded);
}

/* As encoded words (RFC 2047), each of whole characters. */
static void add_words(struct text *out, const char *value)
{
    for (const char *rest = value; *rest;) {
        size_t length = strlen(rest);
        if (length > WORD_BYTES)
            for (length = WORD_BYTES; length > 1 && ((unsigned char)rest[length] & 0xc0) == 0x80;)
                length--;
        text_add(out, rest == value ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        add_base64(out, rest, length);
        text_add(out, "?=");
        rest += length;
    }
}

static void add_part(struct text *out, const char *id, const char *type, const char *body)
{
    text_addf(out, "--%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", id, type);
    for (size_t length = strlen(body), at = 0; at < length; at += LINE_BYTES) {
        add_base64(out, body + at, length - at < LINE_BYTES ? length - at : LINE_BYTES);
        text_add(out, "\r\n");
    }
}

void mail_compose(struct text *out, const struct letter *letter)
{
    char date[64];
    struct tm moment;
    time_t seconds = (time_t)(letter->date_ms / 1000);
    gmtime_r(&seconds, &moment);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &moment); /* the process's locale is "C" */
    text_add(out, "From: ");
    add_words(out, letter->from_name);
    text_addf(out, " <%s>\r\nTo: <%s>\r\nSubject: ", letter->from, letter->to);
    add_words(out, letter->subject);
    text_addf(out, "\r\nDate: %s\r\nMessage-ID: <%s%s>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
              date, letter->id, strchr(letter->from, '@'));
    text_addf(out, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", letter->id);
    add_part(out, letter->id, "text/plain", letter->text);
    add_part(out, letter->id, "text/html", letter->html);
    text_addf(out, "--%s--\r\n", letter->id);
}
