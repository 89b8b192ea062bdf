/* Directories: users whose passwords an LDAP server knows. The rest of the cloud meets them as identity's directory. */
#ifndef GURUM_CLOUD_LDAP_H
#define GURUM_CLOUD_LDAP_H

void ldap_register(void);

#endif
