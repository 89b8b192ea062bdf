/* Bytes of a serial port as text for people. Pure. */
#ifndef GURUM_CLOUD_CONSOLE_TEXT_H
#define GURUM_CLOUD_CONSOLE_TEXT_H

#include "base/text.h"

/* Adds the bytes without terminal control sequences, control characters and characters that turn the direction of
 * writing; line ends become "\n", broken characters U+FFFD. Returns how many bytes were used up: a character, line end
 * or sequence that the end cuts in two is left for the next piece. */
size_t console_text_add(struct text *out, const char *bytes, size_t length);
/* Where the first whole line begins, 0 when there is no line end near: for pieces that begin anywhere. */
size_t console_text_first_line(const char *bytes, size_t length);

#endif
