/* The serial log of guests. */
#ifndef GURUM_CLOUD_CONSOLE_H
#define GURUM_CLOUD_CONSOLE_H

void console_register(void);       /* the command, the job kind */
void console_register_pages(void);

#endif
