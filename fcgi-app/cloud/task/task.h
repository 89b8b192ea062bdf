/* Tasks: jobs as people follow them, with their steps, their progress and, when they failed, the reason in the reader's
 * language. */
#ifndef GURUM_CLOUD_TASK_H
#define GURUM_CLOUD_TASK_H

void task_register(void);
void task_register_leftovers(void);
void task_register_pages(void);

#endif
