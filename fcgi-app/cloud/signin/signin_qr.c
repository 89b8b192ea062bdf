/* See signin_qr.h; libqrencode chooses the squares, we draw them. */
#include "cloud/signin/signin_qr.h"

#include <qrencode.h>

enum { QUIET = 4 }; /* squares of white around, which readers need */

bool qr_add_svg(struct text *out, const char *content)
{
    QRcode *code = QRcode_encodeString(content, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code)
        return false;
    int side = code->width + 2 * QUIET;
    text_addf(out,
              "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
              "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path fill=\"#000\" d=\"",
              side, side, side, side);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++)
            if (code->data[y * code->width + x] & 1)
                text_addf(out, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
    text_add(out, "\"/></svg>\n");
    QRcode_free(code);
    return true;
}
