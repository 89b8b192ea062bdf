/* What hangs on any object (tags, comments, icons, details): which objects, by the wire's names of their types; and
 * that it goes with them. */
#ifndef GURUM_CLOUD_MARK_H
#define GURUM_CLOUD_MARK_H

#include "api/api.h"

/* "UserVm" → "vm"; NULL: no such type, or nothing of that kind exists here. And back; the kind's name when it has none.
 */
const char *mark_kind_of_type(const char *wire_type);
const char *mark_type_of_kind(const char *kind);

/* May the caller hang something on it? What is his, or his domain's; root admins on everything. */
bool mark_may_change(const struct caller *caller, const struct object_found *object);

/* Features whose rows hang on objects say how they go; an object that goes tells it in its own transaction. */
typedef bool mark_forget_rows(struct db *db, const char *kind, int64_t object_id, struct error *err);
void mark_on_forget(mark_forget_rows *forget);
MUST_CHECK bool mark_forget(struct db *db, const char *kind, int64_t object_id, struct error *err);

#endif
