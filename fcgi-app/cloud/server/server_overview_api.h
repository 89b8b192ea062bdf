/* listInfrastructure, listDbMetrics. */
#ifndef GURUM_CLOUD_SERVER_OVERVIEW_API_H
#define GURUM_CLOUD_SERVER_OVERVIEW_API_H

void server_overview_register(void);

#endif
