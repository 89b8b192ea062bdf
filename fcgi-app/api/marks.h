/* Marks: members of any reply's objects that other features fill (comments, icons), found for a whole page at once. */
#ifndef GURUM_API_MARKS_H
#define GURUM_API_MARKS_H

#include "api/api.h"

/* Fills what the registered marks know of the reply's objects. */
MUST_CHECK bool marks_apply(struct api_call *call, struct error *err);
/* The same for one object that is no reply of its own (a job's result). */
MUST_CHECK bool marks_apply_to(struct api_call *call, const struct field_table *table, void *objects, size_t count,
                               struct error *err);

#endif
