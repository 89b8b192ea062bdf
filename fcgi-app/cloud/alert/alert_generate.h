/* generateAlert: what operators and their tools tell as an alert. */
#ifndef GURUM_CLOUD_ALERT_GENERATE_H
#define GURUM_CLOUD_ALERT_GENERATE_H

void alert_generate_register(void);

#endif
