/* Field tables: looking up a field. Reading and writing by table is in json.c, api/ and db/. */
#include "base/field.h"

#include <string.h>

const struct field *field_find(const struct field_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->fields[i].name, name) == 0)
            return &table->fields[i];
    return NULL;
}
