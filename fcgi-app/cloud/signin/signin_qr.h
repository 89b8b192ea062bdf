/* QR codes, drawn as SVG without script or style. Pure. */
#ifndef GURUM_CLOUD_SIGNIN_QR_H
#define GURUM_CLOUD_SIGNIN_QR_H

#include "base/text.h"

/* False: the text is too long for a code. */
MUST_CHECK bool qr_add_svg(struct text *out, const char *content);

#endif
