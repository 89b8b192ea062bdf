/* The jobs of the physical side: one step each, without a plugin, its rows in one transaction. Creations have their row
 * already when the job begins (the wire answers its id at once); the job adds what belongs to it, and takes the row
 * back when it cannot. */
#include "cloud/network/network_jobs.h"

#define IN(member) COLUMN(struct physical_job_input, member)
FIELD_TABLE(PHYSICAL_JOB_INPUT, struct physical_job_input, IN(id), IN(state), IN(services), IN(vlan), IN(network_speed),
            IN(tags), IN(xen_label), IN(kvm_label), IN(vmware_label), IN(hyperv_label), IN(ovm3_label), IN(enabled));
#undef IN

/* STEP(step, what the commit does with `in`) */
#define STEP(step, DO, title)                                                                                          \
    static bool step##_commit(struct job_run *run, struct error *err)                                                  \
    {                                                                                                                  \
        const struct physical_job_input *in = run->input;                                                              \
        return DO;                                                                                                     \
    }                                                                                                                  \
    static const struct job_step step##_STEPS[] = {                                                                    \
        {.name = "write", .title_key = title, .commit = step##_commit, .max_attempts = 3}}
/* TAKES_BACK(step, how): what could not be completed, or was cancelled before, leaves no trace. */
#define TAKES_BACK(step, HOW)                                                                                          \
    static bool step##_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)     \
    {                                                                                                                  \
        const struct physical_job_input *in = run->input;                                                              \
        (void)failure;                                                                                                 \
        return succeeded || HOW;                                                                                       \
    }
#define KIND(ident, step, kind_name, command_name, event_name, result, settles)                                        \
    const struct job_kind ident = {.name = kind_name,                                                                  \
                                   .command = command_name,                                                            \
                                   .version = 1,                                                                       \
                                   .input = &PHYSICAL_JOB_INPUT,                                                       \
                                   .steps = step##_STEPS,                                                              \
                                   .step_count = COUNT_OF(step##_STEPS),                                               \
                                   .event = event_name,                                                                \
                                   .result_kind = result,                                                              \
                                   .settle = settles}

static bool change_physical(struct job_run *run, const struct physical_job_input *in, struct error *err)
{
    const struct physical_network_update update = {
        .id = in->id, .network_speed = in->network_speed, .state = in->state, .vlan = in->vlan, .tags = in->tags};
    return physical_network_change(run->db, run->arena, &update, err);
}

static bool change_labels(struct job_run *run, const struct physical_job_input *in, struct error *err)
{
    const struct traffic_type labels = {.id = in->id,
                                        .xen_label = in->xen_label,
                                        .kvm_label = in->kvm_label,
                                        .vmware_label = in->vmware_label,
                                        .hyperv_label = in->hyperv_label,
                                        .ovm3_label = in->ovm3_label};
    return traffic_type_change(run->db, run->arena, &labels, err);
}

static bool provider_is_there(struct job_run *run, const struct physical_job_input *in, struct error *err)
{
    const struct network_provider *provider = NULL;
    return network_provider_find(run->db, run->arena, in->id, NULL, &provider, err) &&
           (provider || error_set(err, ERROR_INVALID_VALUE, "network.provider_gone"));
}

STEP(create_physical, physical_network_complete(run->db, run->arena, in->id, err), "step.physical_network_write");
TAKES_BACK(create_physical, physical_network_drop(run->db, run->arena, in->id, err))
STEP(update_physical, change_physical(run, in, err), "step.physical_network_write");
STEP(delete_physical, physical_network_drop(run->db, run->arena, in->id, err), "step.physical_network_remove");
STEP(add_traffic, traffic_type_complete(run->db, run->arena, in->id, err), "step.traffic_type_write");
TAKES_BACK(add_traffic, traffic_type_store_remove(run->db, in->id, err))
STEP(update_traffic, change_labels(run, in, err), "step.traffic_type_write");
STEP(delete_traffic, traffic_type_drop(run->db, run->arena, in->id, err), "step.traffic_type_remove");
STEP(add_provider, provider_is_there(run, in, err), "step.network_provider_write");
TAKES_BACK(add_provider, network_provider_store_remove(run->db, in->id, err))
STEP(update_provider, network_provider_change(run->db, run->arena, in->id, in->state, in->services, err),
     "step.network_provider_write");
STEP(delete_provider, network_provider_drop(run->db, run->arena, in->id, err), "step.network_provider_remove");
STEP(configure_element, virtual_router_element_set(run->db, run->arena, in->id, in->enabled.value, err),
     "step.router_element_write");

KIND(PHYSICAL_NETWORK_CREATE, create_physical, "physical_network.create", "createPhysicalNetwork",
     "PHYSICAL.NETWORK.CREATE", "physical_network", create_physical_settle);
KIND(PHYSICAL_NETWORK_UPDATE, update_physical, "physical_network.update", "updatePhysicalNetwork",
     "PHYSICAL.NETWORK.UPDATE", "physical_network", NULL);
KIND(PHYSICAL_NETWORK_DELETE, delete_physical, "physical_network.delete", "deletePhysicalNetwork",
     "PHYSICAL.NETWORK.DELETE", NULL, NULL);
KIND(TRAFFIC_TYPE_ADD, add_traffic, "traffic_type.add", "addTrafficType", "TRAFFIC.TYPE.CREATE", "traffic_type",
     add_traffic_settle);
KIND(TRAFFIC_TYPE_UPDATE, update_traffic, "traffic_type.update", "updateTrafficType", "TRAFFIC.TYPE.UPDATE",
     "traffic_type", NULL);
KIND(TRAFFIC_TYPE_DELETE, delete_traffic, "traffic_type.delete", "deleteTrafficType", "TRAFFIC.TYPE.DELETE", NULL,
     NULL);
KIND(NETWORK_PROVIDER_ADD, add_provider, "network_provider.add", "addNetworkServiceProvider", "SERVICE.PROVIDER.CREATE",
     "network_provider", add_provider_settle);
KIND(NETWORK_PROVIDER_UPDATE, update_provider, "network_provider.update", "updateNetworkServiceProvider",
     "SERVICE.PROVIDER.UPDATE", "network_provider", NULL);
KIND(NETWORK_PROVIDER_DELETE, delete_provider, "network_provider.delete", "deleteNetworkServiceProvider",
     "SERVICE.PROVIDER.DELETE", NULL, NULL);
KIND(ROUTER_ELEMENT_CONFIGURE, configure_element, "virtual_router_element.configure", "configureVirtualRouterElement",
     "NETWORK.ELEMENT.CONFIGURE", "virtual_router_element", NULL);
