/* Kinds and replies that the command files of this feature share. */
#ifndef GURUM_CLOUD_ROLE_RESPONSES_H
#define GURUM_CLOUD_ROLE_RESPONSES_H

#include "cloud/role/role_store.h"

extern const struct object_kind ROLE_KIND, ROLE_RULE_KIND;
extern const struct field_table ROLE_RESPONSE;
extern const char *const ROLE_TYPES[];       /* choices of a type parameter */
extern const char *const ROLE_PERMISSIONS[]; /* allow, deny */
void role_register_rules(void);
void role_register_rights(void);

#endif
