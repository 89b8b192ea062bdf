/* Plugins that are wrong on purpose: the simulator's plugin ("healthy"), with one thing changed by -DBROKEN=number.
 * Only the conformance test builds them. Its own symbol is renamed while it is compiled, so that ours can take the
 * place. */
#ifndef BROKEN_H
#define BROKEN_H

#include "gurum_plugin.h"

#ifndef BROKEN
#error "say which: -DBROKEN=1"
#endif

extern const struct gurum_plugin healthy_plugin;

/* The symbol that is exported as gurum_plugin; writable, because it is put together when the file is loaded. */
extern struct gurum_plugin broken_plugin __asm__("gurum_plugin");

/* The services of the host, and those that the healthy plugin is given in their place. */
extern const struct gurum_services *host_services;
extern struct gurum_services given_services;

int32_t broken_start(const struct gurum_services *services);

/* A note of the operation says that an earlier call under it was cut off. */
bool was_cut_off(struct gurum_call *call);
void has_begun(struct gurum_call *call);
void has_ended(struct gurum_call *call);

/* The objects that this process has made since start(). */
void made_add(const char *uuid);
bool made_has(const char *uuid);
const char *made_take(void); /* any of them, NULL when none is left */
/* A uuid that is not `uuid`; lives for ever. */
const char *another_uuid(const char *uuid);

#endif
