/* How audit records come into being, for audit_api.c. */
#ifndef GURUM_CLOUD_AUDIT_SERVICE_H
#define GURUM_CLOUD_AUDIT_SERVICE_H

#include "cloud/audit/audit_store.h"

void audit_service_register(void); /* hooks and the retention schedule */

#endif
