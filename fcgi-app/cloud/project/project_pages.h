/* The pages of projects. */
#ifndef GURUM_CLOUD_PROJECT_PAGES_H
#define GURUM_CLOUD_PROJECT_PAGES_H

void project_register_pages(void);

#endif
