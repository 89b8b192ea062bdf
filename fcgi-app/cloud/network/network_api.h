/* What the command files of this feature share. */
#ifndef GURUM_CLOUD_NETWORK_API_H
#define GURUM_CLOUD_NETWORK_API_H

#include "cloud/network/network_service.h"

extern const struct api_command PHYSICAL_NETWORK_COMMANDS[], TRAFFIC_TYPE_COMMANDS[], NETWORK_PROVIDER_COMMANDS[],
    VLAN_RANGE_COMMANDS[], NETWORK_OFFERING_COMMANDS[], NETWORK_LIST_COMMANDS[], FORWARDING_COMMANDS[];
extern const struct object_kind PHYSICAL_NETWORK_KIND, TRAFFIC_TYPE_KIND, NETWORK_PROVIDER_KIND, ROUTER_ELEMENT_KIND,
    VLAN_RANGE_KIND, NETWORK_OFFERING_KIND, NETWORK_KIND, PUBLIC_ADDRESS_KIND, PORT_FORWARDING_KIND, IP_FORWARDING_KIND;
extern const struct field_table SERVICE_RESPONSE, NETWORK_RESPONSE, NETWORK_OFFERING_RESPONSE;

/* Answers a list of networks, `total` on all pages. */
MUST_CHECK bool network_reply_list(struct api_call *call, const struct network *const *rows, size_t count,
                                   int64_t total, struct error *err);
/* Answers the page that was asked for of all `rows`. */
MUST_CHECK bool network_offering_reply_list(struct api_call *call, const struct network_offering *const *rows,
                                            size_t count, struct error *err);

/* The services of an offering as replies show them, with what each can do; `with_providers` adds who offers them. */
struct object_list network_service_list(struct arena *arena, const struct network_offering *offering,
                                        bool with_providers);

#endif
