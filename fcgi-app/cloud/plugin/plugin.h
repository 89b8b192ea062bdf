/* Plugins for the operator: health, faults, settings. Running them is plugin_host's. */
#ifndef GURUM_CLOUD_PLUGIN_H
#define GURUM_CLOUD_PLUGIN_H

void plugin_register(void);
void plugin_register_pages(void);

#endif
