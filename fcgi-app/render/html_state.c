/* A small HTML tokenizer after the HTML standard's tokenization section, strict where the standard repairs. It sees
 * only a page template's own text, never values. */
#include "render/html_state.h"

#include <string.h>

#include "base/text.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void begin_word(struct html_state *state)
{
    state->word_length = 0;
    state->word[0] = '\0';
}

static void add_to_word(struct html_state *state, char c)
{
    if (state->word_length < sizeof(state->word) - 1) {
        state->word[state->word_length] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
        state->word[state->word_length + 1] = '\0';
    }
    state->word_length++;
}

static bool word_is_one_of(const struct html_state *state, const char *const *words)
{
    if (state->word_length >= sizeof(state->word))
        return false;
    for (; *words; words++)
        if (strcmp(state->word, *words) == 0)
            return true;
    return false;
}

static bool word_is(const struct html_state *state, const char *word)
{
    return word_is_one_of(state, (const char *const[]){word, NULL});
}

/* Their content is not read as HTML, or not where it stands. */
static const char *const refused_elements[] = {"style", "xmp",    "plaintext", "noembed", "noframes", "iframe",
                                               "base",  "object", "embed",     "applet",  "listing",  NULL};
static const char *const url_attributes[] = {"href",   "src",         "action",   "formaction", "poster",     "cite",
                                             "data",   "manifest",    "ping",     "background", "longdesc",   "usemap",
                                             "srcset", "imagesrcset", "codebase", "profile",    "xlink:href", NULL};

static const char *end_tag_name(struct html_state *state)
{
    if (word_is_one_of(state, refused_elements))
        return "render.element";
    state->element = word_is(state, "script")     ? ELEMENT_SCRIPT
                     : word_is(state, "title")    ? ELEMENT_TITLE
                     : word_is(state, "textarea") ? ELEMENT_TEXTAREA
                                                  : ELEMENT_OTHER;
    state->has_src = state->is_json = false;
    return NULL;
}

static const char *end_attr_name(struct html_state *state)
{
    if (strncmp(state->word, "on", 2) == 0 || word_is(state, "style") || word_is(state, "srcdoc"))
        return "render.inline_code";
    bool is_script = state->element == ELEMENT_SCRIPT;
    state->attr = is_script && word_is(state, "type")     ? ATTR_SCRIPT_TYPE
                  : word_is_one_of(state, url_attributes) ? ATTR_URL
                                                          : ATTR_PLAIN;
    state->has_src |= is_script && word_is(state, "src");
    return NULL;
}

static void begin_value(struct html_state *state, enum html_place place)
{
    state->place = place;
    state->url_begun = state->value_has_tag = false;
    begin_word(state);
}

static const char *end_value(struct html_state *state)
{
    state->place = HTML_TAG;
    if (state->attr == ATTR_SCRIPT_TYPE)
        state->is_json = !state->value_has_tag && word_is(state, "application/json");
    if (state->attr == ATTR_URL &&
        (strncmp(state->word, "javascript:", 11) == 0 || strncmp(state->word, "vbscript:", 9) == 0))
        return "render.inline_code";
    return NULL;
}

/* At '>'. */
static const char *end_tag(struct html_state *state)
{
    bool holds_text = state->element != ELEMENT_OTHER && !state->is_end_tag;
    state->place = holds_text ? HTML_ELEMENT_TEXT : HTML_TEXT;
    state->end_match = 0;
    if (holds_text && state->element == ELEMENT_SCRIPT && !state->is_json && !state->has_src)
        return "render.inline_code";
    if (!holds_text) { /* nothing of the tag counts any more; html_state_join compares */
        state->element = ELEMENT_OTHER;
        state->is_end_tag = state->has_src = state->is_json = false;
    }
    return NULL;
}

static const char *feed_tag_open(struct html_state *state, char c)
{
    state->is_end_tag = false;
    if (is_letter(c)) {
        state->place = HTML_TAG_NAME;
        begin_word(state);
        add_to_word(state, c);
    } else if (c == '/') {
        state->place = HTML_TAG_NAME;
        state->is_end_tag = true;
        begin_word(state);
    } else if (c == '!' || c == '?') {
        state->place = HTML_MARKUP;
        state->dashes = 0;
    } else if (c != '<') {
        state->place = HTML_TEXT;
    }
    return NULL;
}

static const char *feed_tag_name(struct html_state *state, char c)
{
    if (!is_blank(c) && c != '/' && c != '>') {
        add_to_word(state, c);
        return NULL;
    }
    const char *problem = end_tag_name(state);
    state->place = HTML_TAG;
    return problem ? problem : c == '>' ? end_tag(state) : NULL;
}

static const char *feed_tag(struct html_state *state, char c)
{
    if (c == '>')
        return end_tag(state);
    if (is_blank(c) || c == '/') {
        state->place = HTML_TAG;
        return NULL;
    }
    if (state->place == HTML_NAME_CUT)
        return "render.name_cut";
    if (c == '"' || c == '\'' || c == '=' || c == '<')
        return "render.malformed_tag";
    state->place = HTML_ATTR_NAME;
    begin_word(state);
    add_to_word(state, c);
    return NULL;
}

static const char *feed_attr_name(struct html_state *state, char c)
{
    if (c == '"' || c == '\'' || c == '<')
        return "render.malformed_tag";
    if (!is_blank(c) && c != '=' && c != '>' && c != '/') {
        add_to_word(state, c);
        return NULL;
    }
    const char *problem = end_attr_name(state);
    state->place = c == '=' ? HTML_BEFORE_VALUE : is_blank(c) ? HTML_AFTER_NAME : HTML_TAG;
    return problem ? problem : c == '>' ? end_tag(state) : NULL;
}

static const char *feed_after_name(struct html_state *state, char c)
{
    if (is_blank(c))
        return NULL;
    if (c == '=') {
        state->place = HTML_BEFORE_VALUE;
        return NULL;
    }
    state->place = HTML_TAG;
    return feed_tag(state, c);
}

static const char *feed_before_value(struct html_state *state, char c)
{
    if (is_blank(c))
        return NULL;
    if (c == '>')
        return "render.malformed_tag";
    begin_value(state, c == '"' ? HTML_VALUE_DOUBLE : c == '\'' ? HTML_VALUE_SINGLE : HTML_VALUE_BARE);
    if (state->place == HTML_VALUE_BARE)
        add_to_word(state, c);
    return NULL;
}

static const char *feed_value(struct html_state *state, char c)
{
    bool is_bare = state->place == HTML_VALUE_BARE;
    if (is_bare ? is_blank(c) || c == '>' : c == (state->place == HTML_VALUE_DOUBLE ? '"' : '\'')) {
        const char *problem = end_value(state);
        return problem ? problem : c == '>' && is_bare ? end_tag(state) : NULL;
    }
    if (is_bare && (c == '"' || c == '\'' || c == '<' || c == '=' || c == '`'))
        return "render.malformed_tag";
    if (!is_blank(c) && (unsigned char)c >= 0x20) /* browsers skip them in a scheme */
        add_to_word(state, c);
    state->url_begun = true;
    return NULL;
}

static const char *feed_markup(struct html_state *state, char c)
{
    state->dashes = c == '-' && state->dashes < 2 ? state->dashes + 1 : 9;
    if (state->dashes == 2) {
        state->place = HTML_COMMENT;
        state->dashes = 0;
        begin_word(state);
    } else if (c == '>') {
        state->place = HTML_TEXT;
    }
    return NULL;
}

/* Ends at "-->"; the standard's other ends ("<!-->", "--!>") are refused, because browsers differ from plain reading
 * there. */
static const char *feed_comment(struct html_state *state, char c)
{
    if (c == '>' && state->dashes >= 2)
        state->place = HTML_TEXT;
    else if ((c == '>' && state->word_length == state->dashes) || (c == '!' && state->dashes >= 2))
        return "render.malformed_tag";
    state->word_length++;
    state->dashes = c == '-' ? state->dashes + 1 : 0;
    return NULL;
}

/* Waits for "</script" and the like; only data blocks and empty scripts get here. */
static const char *feed_element_text(struct html_state *state, char c)
{
    const char *end = state->element == ELEMENT_SCRIPT  ? "</script"
                      : state->element == ELEMENT_TITLE ? "</title"
                                                        : "</textarea";
    char small = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    if (end[state->end_match] == '\0' && (is_blank(c) || c == '/' || c == '>')) {
        state->is_end_tag = true;
        state->place = HTML_TAG;
        return c == '>' ? end_tag(state) : NULL;
    }
    state->end_match = end[state->end_match] == small && small ? state->end_match + 1 : small == '<';
    if (state->element == ELEMENT_SCRIPT && !state->is_json && !is_blank(c) && !state->end_match)
        return "render.inline_code";
    return NULL;
}

const char *html_state_feed(struct html_state *state, const char *text, size_t length, size_t *ret_at)
{
    const char *problem = NULL;
    for (size_t i = 0; i < length && !problem; i++) {
        char c = text[i];
        *ret_at = i;
        switch (state->place) {
        case HTML_TEXT:
            if (c == '<')
                state->place = HTML_TAG_OPEN;
            break;
        case HTML_TAG_OPEN:
            problem = feed_tag_open(state, c);
            break;
        case HTML_MARKUP:
            problem = feed_markup(state, c);
            break;
        case HTML_COMMENT:
            problem = feed_comment(state, c);
            break;
        case HTML_TAG_NAME:
            problem = feed_tag_name(state, c);
            break;
        case HTML_TAG:
        case HTML_NAME_CUT:
            problem = feed_tag(state, c);
            break;
        case HTML_ATTR_NAME:
            problem = feed_attr_name(state, c);
            break;
        case HTML_AFTER_NAME:
            problem = feed_after_name(state, c);
            break;
        case HTML_BEFORE_VALUE:
            problem = feed_before_value(state, c);
            break;
        case HTML_VALUE_DOUBLE:
        case HTML_VALUE_SINGLE:
        case HTML_VALUE_BARE:
            problem = feed_value(state, c);
            break;
        case HTML_ELEMENT_TEXT:
            problem = feed_element_text(state, c);
            break;
        }
    }
    return problem;
}

const char *html_state_tag(struct html_state *state)
{
    switch (state->place) {
    case HTML_TEXT:
    case HTML_TAG:
    case HTML_NAME_CUT:
        return NULL;
    case HTML_TAG_OPEN:
        return "render.tag_name";
    case HTML_MARKUP:
    case HTML_COMMENT:
        return "render.in_comment";
    case HTML_BEFORE_VALUE:
    case HTML_VALUE_BARE:
        return "render.unquoted";
    case HTML_VALUE_DOUBLE:
    case HTML_VALUE_SINGLE:
        state->value_has_tag = true;
        return NULL;
    case HTML_TAG_NAME: {
        if (state->word_length == 0)
            return "render.tag_name";
        const char *problem = end_tag_name(state);
        state->place = HTML_NAME_CUT;
        return problem;
    }
    case HTML_ATTR_NAME:
    case HTML_AFTER_NAME: {
        const char *problem = state->place == HTML_ATTR_NAME ? end_attr_name(state) : NULL;
        state->place = HTML_NAME_CUT;
        return problem;
    }
    case HTML_ELEMENT_TEXT:
        if (state->end_match)
            return "render.tag_name";
        return state->element == ELEMENT_SCRIPT && !state->is_json ? "render.inline_code" : NULL;
    }
    return NULL;
}

const char *html_state_value(struct html_state *state, enum html_escape *ret_escape)
{
    bool is_in_value = state->place == HTML_VALUE_DOUBLE || state->place == HTML_VALUE_SINGLE;
    *ret_escape = ESCAPE_HTML;
    if (is_in_value && state->attr == ATTR_URL) {
        *ret_escape = state->url_begun ? ESCAPE_URL_PART : ESCAPE_URL;
        state->url_begun = true;
    } else if (is_in_value && state->attr == ATTR_SCRIPT_TYPE) {
        return "render.inline_code";
    } else if (state->place == HTML_ELEMENT_TEXT && state->element == ELEMENT_SCRIPT) {
        *ret_escape = ESCAPE_JSON;
    } else if (!is_in_value && state->place != HTML_TEXT && state->place != HTML_ELEMENT_TEXT) {
        return "render.in_tag";
    }
    return NULL;
}

bool html_state_join(struct html_state *state, const struct html_state *without)
{
    bool is_cut = state->place == HTML_NAME_CUT || without->place == HTML_NAME_CUT;
    bool both_between = (state->place == HTML_TAG || state->place == HTML_NAME_CUT) &&
                        (without->place == HTML_TAG || without->place == HTML_NAME_CUT);
    if (state->element != without->element || state->is_end_tag != without->is_end_tag ||
        state->has_src != without->has_src || state->is_json != without->is_json)
        return false;
    if (both_between) {
        state->place = is_cut ? HTML_NAME_CUT : HTML_TAG;
        return true;
    }
    bool is_in_value = state->place == HTML_VALUE_DOUBLE || state->place == HTML_VALUE_SINGLE;
    if (state->place != without->place || (is_in_value && state->attr != without->attr))
        return false;
    state->url_begun |= without->url_begun; /* percent-encoding is safe at both places */
    return true;
}

bool html_state_is_text(const struct html_state *state)
{
    return state->place == HTML_TEXT ||
           (state->place == HTML_ELEMENT_TEXT && state->element != ELEMENT_SCRIPT && state->end_match == 0);
}
