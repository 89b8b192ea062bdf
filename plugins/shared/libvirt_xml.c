/* See libvirt_xml.h. */
#include "libvirt_xml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#define DOCUMENT_BYTES_MOST (8 << 20)

static const xmlChar *in(const char *text)
{
    return (const xmlChar *)text;
}

static void *there(void *pointer)
{
    if (pointer == NULL)
        abort();
    return pointer;
}

void xml_free(xmlDoc **document)
{
    xmlFreeDoc(*document);
    *document = NULL;
}

void xml_text_free(char **text)
{
    free(*text);
    *text = NULL;
}

/* ---- Building ---- */

/* Length of the well-formed character at `text`, 0 when it is none that XML 1.0 may hold. */
static size_t character_length(const char *text)
{
    int length = 4;
    int code = xmlGetUTF8Char((const unsigned char *)text, &length);
    bool held = code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code <= 0xd7ff) ||
                (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
    return held ? (size_t)length : 0;
}

static void make_holdable(char *text)
{
    for (size_t length; *text != '\0'; text += length) {
        length = strlen(text) == 0 ? 0 : character_length(text);
        if (length == 0) {
            *text = '?';
            length = 1;
        }
    }
}

__attribute__((format(printf, 1, 0))) static char *format_text(const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        abort();
    make_holdable(text);
    return text;
}

xmlDoc *xml_new(const char *root_name)
{
    xmlDoc *document = there(xmlNewDoc(in("1.0")));
    xmlDocSetRootElement(document, there(xmlNewNode(NULL, in(root_name))));
    return document;
}

xmlNode *xml_add(xmlNode *parent, const char *name)
{
    return there(xmlNewChild(parent, NULL, in(name), NULL));
}

xmlNode *xml_add_text(xmlNode *parent, const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    XML_TEXT text = format_text(format, arguments);
    va_end(arguments);
    return there(xmlNewTextChild(parent, NULL, in(name), in(text)));
}

void xml_set(xmlNode *node, const char *attribute, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    XML_TEXT text = format_text(format, arguments);
    va_end(arguments);
    there(xmlSetProp(node, in(attribute), in(text)));
}

xmlNode *xml_add_ours(xmlNode *root, const char *name)
{
    xmlNode *metadata = xml_first(root, "metadata");
    if (metadata == NULL)
        metadata = xml_add(root, "metadata");
    xmlNode *ours = xml_add(metadata, name);
    xmlSetNs(ours, there(xmlNewNs(ours, in(XML_OURS), in("gurum"))));
    return ours;
}

char *xml_print_node(xmlNode *node)
{
    xmlBuffer *buffer = there(xmlBufferCreate());
    if (xmlNodeDump(buffer, node->doc, node, 0, 1) < 0)
        abort();
    char *text = there(strdup((const char *)xmlBufferContent(buffer)));
    xmlBufferFree(buffer);
    return text;
}

char *xml_print(xmlDoc *document)
{
    return xml_print_node(xmlDocGetRootElement(document));
}

/* ---- Reading ---- */

xmlDoc *xml_parse(const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);
    if (length == 0 || length > DOCUMENT_BYTES_MOST)
        return NULL;
    return xmlReadMemory(text, (int)length, NULL, "UTF-8",
                         XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOBLANKS | XML_PARSE_NOCDATA |
                             XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

xmlNode *xml_root(const xmlDoc *document)
{
    xmlNode *root = document == NULL ? NULL : document->children;
    while (root != NULL && root->type != XML_ELEMENT_NODE)
        root = root->next;
    return root;
}

static xmlNode *element_from(xmlNode *node, const char *name, size_t length)
{
    for (; node != NULL; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && strlen((const char *)node->name) == length &&
            memcmp(node->name, name, length) == 0)
            return node;
    }
    return NULL;
}

/* Looks below `node` for the elements of the path up to its end or its '@'; the first branch that has them all. */
static xmlNode *walk(const xmlNode *node, const char *path)
{
    size_t length = strcspn(path, "/@");
    if (node == NULL || length == 0)
        return NULL;
    xmlNode *child = element_from(node->children, path, length);
    if (path[length] != '/')
        return child;
    for (; child != NULL; child = element_from(child->next, path, length)) {
        xmlNode *found = walk(child, path + length + 1);
        if (found != NULL)
            return found;
    }
    return NULL;
}

xmlNode *xml_first(const xmlNode *node, const char *path)
{
    return walk(node, path);
}

xmlNode *xml_next(const xmlNode *node)
{
    return element_from(node->next, (const char *)node->name, strlen((const char *)node->name));
}

static const char *content_of(const xmlNode *text)
{
    return text == NULL || text->content == NULL ? "" : (const char *)text->content;
}

const char *xml_read(const xmlNode *node, const char *path)
{
    const char *attribute = strchr(path, '@');
    const xmlNode *element = path[0] == '@' ? node : walk(node, path);
    if (element == NULL)
        return NULL;
    if (attribute == NULL)
        return content_of(element->children);
    for (const xmlAttr *each = element->properties; each != NULL; each = each->next) {
        if (strcmp((const char *)each->name, attribute + 1) == 0)
            return content_of(each->children);
    }
    return NULL;
}

uint64_t xml_read_number(const xmlNode *node, const char *path, uint64_t otherwise)
{
    const char *text = xml_read(node, path);
    char *end = NULL;
    if (text == NULL || text[0] < '0' || text[0] > '9')
        return otherwise;
    uint64_t number = strtoull(text, &end, 10);
    return *end == '\0' ? number : otherwise;
}

bool xml_is(const xmlNode *node, const char *path, const char *value)
{
    const char *found = xml_read(node, path);
    return found != NULL && value != NULL && strcmp(found, value) == 0;
}

xmlNode *xml_ours(const xmlNode *root, const char *name)
{
    const xmlNode *metadata = walk(root, "metadata");
    for (xmlNode *each = metadata == NULL ? NULL : walk(metadata, name); each != NULL; each = xml_next(each)) {
        if (each->ns != NULL && strcmp((const char *)each->ns->href, XML_OURS) == 0)
            return each;
    }
    return NULL;
}
