/* The audit trail: who changed what, when, from where, and how it was before and after. Records come from the api room
 * (api/audit.h) and from the ends of jobs; features do nothing for it. */
#ifndef GURUM_CLOUD_AUDIT_H
#define GURUM_CLOUD_AUDIT_H

void audit_register(void);       /* hooks, listAuditRecords, the retention schedule */
void audit_register_pages(void); /* /activity, /admin/audit */

#endif
