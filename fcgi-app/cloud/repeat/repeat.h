/* Answers of writes that came with an Idempotency-Key. */
#ifndef GURUM_CLOUD_REPEAT_H
#define GURUM_CLOUD_REPEAT_H

/* Registers the hooks of api/repeat.h and the schedule that forgets old rows. */
void repeat_register(void);

#endif
