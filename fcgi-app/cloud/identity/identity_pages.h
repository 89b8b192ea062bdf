/* Pages of tenants: domains, accounts, users, one's own profile. */
#ifndef GURUM_CLOUD_IDENTITY_PAGES_H
#define GURUM_CLOUD_IDENTITY_PAGES_H

void identity_register_pages(void);

#endif
