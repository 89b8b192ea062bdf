/* Projects in the registry of what an account owns. */
#ifndef GURUM_CLOUD_PROJECT_OWNED_H
#define GURUM_CLOUD_PROJECT_OWNED_H

void project_register_owned(void);

#endif
