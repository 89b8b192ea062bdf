/* Where in an HTML page a place is: fed with a page template's own text, it tells how a value that stands there must be
 * escaped, and refuses what cannot be made safe (inline script and style, handlers, values outside quotes). */
#ifndef GURUM_RENDER_HTML_STATE_H
#define GURUM_RENDER_HTML_STATE_H

#include "base/attributes.h"

enum html_place {
    HTML_TEXT,
    HTML_TAG_OPEN, /* after '<' */
    HTML_MARKUP,   /* <!doctype … > and other declarations */
    HTML_COMMENT,
    HTML_TAG_NAME,
    HTML_TAG,      /* between attributes */
    HTML_NAME_CUT, /* a tag or attribute name that a mustache tag ended: only a blank, '/' or '>' may follow */
    HTML_ATTR_NAME,
    HTML_AFTER_NAME,
    HTML_BEFORE_VALUE,
    HTML_VALUE_DOUBLE, /* "…" */
    HTML_VALUE_SINGLE, /* '…' */
    HTML_VALUE_BARE,   /* without quotes */
    HTML_ELEMENT_TEXT  /* inside title, textarea or script: ends only at the element's own end tag */
};
enum html_element { ELEMENT_OTHER, ELEMENT_TITLE, ELEMENT_TEXTAREA, ELEMENT_SCRIPT };
enum html_attr { ATTR_PLAIN, ATTR_URL, ATTR_SCRIPT_TYPE };

struct html_state {
    enum html_place place;
    enum html_element element; /* of the tag or element text we are in */
    enum html_attr attr;
    bool is_end_tag, has_src, is_json; /* script: src="…", type="application/json" */
    bool url_begun;                    /* a URL attribute already holds something */
    bool value_has_tag;                /* a mustache tag stands in the attribute's value */
    char word[24];                     /* tag name, attribute name, or the beginning of a value, in lower case */
    size_t word_length;                /* counts on past the end of `word` */
    unsigned dashes;                   /* seen at the end of a comment, or of "<!--" */
    size_t end_match;                  /* how much of "</title" matched */
};

/* How a value at this place is to be printed. */
enum html_escape { ESCAPE_HTML, ESCAPE_URL, ESCAPE_URL_PART, ESCAPE_JSON };

/* Moves over static text. NULL, or the message key of what is not allowed; *ret_at then is its offset. */
const char *html_state_feed(struct html_state *state, const char *text, size_t length, size_t *ret_at);
/* A mustache tag other than a comment stands here. NULL or a message key. */
const char *html_state_tag(struct html_state *state);
/* A value is printed here. NULL and how to escape it, or a message key. */
const char *html_state_value(struct html_state *state, enum html_escape *ret_escape);
/* After a section: brings the state of its end and the state without it to one. False: they differ. */
bool html_state_join(struct html_state *state, const struct html_state *without);
/* Whether whole pieces of a page (partials, blocks) may stand here, and may end here. */
bool html_state_is_text(const struct html_state *state);

#endif
