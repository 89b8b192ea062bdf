/* The settings that this room reads. */
#ifndef GURUM_API_SETTINGS_H
#define GURUM_API_SETTINGS_H

#include "base/setting.h"

extern const struct setting DEFAULT_PAGE_SIZE, API_WAIT_SECONDS, API_PARKED_MAX, API_SESSIONKEY_CHECK, API_POST_WRITES;

#endif
