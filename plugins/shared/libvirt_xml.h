/* libvirt's documents, built and read with libxml2 so that no text can become markup. Part of libgurum-libvirt.so.
 * Out of memory ends the process. */
#ifndef GURUM_SHARED_LIBVIRT_XML_H
#define GURUM_SHARED_LIBVIRT_XML_H

#include "gurum_plugin.h"

#include <libxml/tree.h>

/* The namespace of our elements in <metadata>, which tell that an object is ours. */
#define XML_OURS "https://gurum.cloud/xmlns/1"

GURUM_EXPORT void xml_free(xmlDoc **document);
GURUM_EXPORT void xml_text_free(char **text);
#define XML_DOCUMENT __attribute__((cleanup(xml_free))) xmlDoc *
#define XML_TEXT __attribute__((cleanup(xml_text_free))) char *

/* ---- Building. Texts are escaped; what XML cannot hold (control characters, broken UTF-8) becomes '?'. ---- */

GURUM_EXPORT xmlDoc *xml_new(const char *root_name);
GURUM_EXPORT xmlNode *xml_add(xmlNode *parent, const char *name);
GURUM_EXPORT xmlNode *xml_add_text(xmlNode *parent, const char *name, const char *format, ...) GURUM_PRINTF(3, 4);
GURUM_EXPORT void xml_set(xmlNode *node, const char *attribute, const char *format, ...) GURUM_PRINTF(3, 4);
/* <name xmlns=XML_OURS> in the <metadata> of `root`, which is made when absent. */
GURUM_EXPORT xmlNode *xml_add_ours(xmlNode *root, const char *name);
/* The document as libvirt wants it, without the XML declaration; `xml_print_node` only that element. */
GURUM_EXPORT char *xml_print(xmlDoc *document);
GURUM_EXPORT char *xml_print_node(xmlNode *node);

/* ---- Reading. A path is "devices/disk/source@file": child elements by local name, then an attribute, or without
 * one the element's text. The first match counts. Results live as long as the document. ---- */

/* NULL: not well-formed, or larger than 8 MiB. */
GURUM_EXPORT xmlDoc *xml_parse(const char *text);
GURUM_EXPORT xmlNode *xml_root(const xmlDoc *document);
GURUM_EXPORT xmlNode *xml_first(const xmlNode *node, const char *path);
/* The next sibling element of the same name, or NULL. */
GURUM_EXPORT xmlNode *xml_next(const xmlNode *node);
/* NULL when absent; "" when empty. */
GURUM_EXPORT const char *xml_read(const xmlNode *node, const char *path);
GURUM_EXPORT uint64_t xml_read_number(const xmlNode *node, const char *path, uint64_t otherwise);
/* True when it is there and is `value`. */
GURUM_EXPORT bool xml_is(const xmlNode *node, const char *path, const char *value);
/* Our element of that name in <metadata>, or NULL. */
GURUM_EXPORT xmlNode *xml_ours(const xmlNode *root, const char *name);

#endif
