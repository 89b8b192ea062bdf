/* Messages as strings. Choosing and filling in are in base/message.c. */
#include "render/translate.h"

#include "base/message.h"

const char *translate(struct arena *arena, const char *language, const char *key, const struct error_arg *args,
                      size_t count)
{
    struct text out;
    text_init(&out, arena, TRANSLATE_MAX_BYTES);
    message_render(&out, language, key, args, count);
    return text_string(&out);
}

const char *translate_error(struct arena *arena, const char *language, const struct error *err)
{
    return err->key ? translate(arena, language, err->key, err->args, err->arg_count) : "";
}
