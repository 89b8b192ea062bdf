#!/bin/sh
# Builds the simulator zone of a running cloud through API commands; finds what is there and adds what is missing.
#   zone-simulator.sh GURUMD CONFIG      sizes: GURUM_SIM_CLUSTERS=1 GURUM_SIM_HOSTS=2 (a cluster) GURUM_SIM_ZONE=simulator
set -eu
gurumd=$1 config=$2
zone_name=${GURUM_SIM_ZONE:-simulator} clusters=${GURUM_SIM_CLUSTERS:-1} hosts=${GURUM_SIM_HOSTS:-2}

call() { "$gurumd" --config "$config" call "$@" 2>>"${GURUM_ZONE_LOG:-/dev/stderr}"; }
id_of() { call --value id "$@"; }
quiet() { call "$@" >/dev/null; }

zone=$(id_of listZones "name=$zone_name")
image() { id_of listTemplates templatefilter=all "zoneid=$zone" name=tiny; }
if [ -n "$zone" ] && [ "$(call --value allocationstate listZones "id=$zone")" = Enabled ] && [ -n "$(image)" ]; then
    echo "zone $zone_name is there"
    exit 0
fi
[ -n "$zone" ] || zone=$(id_of createZone "name=$zone_name" networktype=Advanced dns1=192.0.2.53 internaldns1=192.0.2.53 guestcidraddress=10.1.1.0/24)

network=$(id_of listPhysicalNetworks "zoneid=$zone")
if [ -z "$network" ]; then
    network=$(id_of createPhysicalNetwork "zoneid=$zone" "name=$zone_name-net" isolationmethods=VXLAN vlan=5000-9000)
fi
for traffic in Management Guest Public; do
    call listTrafficTypes "physicalnetworkid=$network" | grep -q "\"$traffic\"" ||
        quiet addTrafficType "physicalnetworkid=$network" "traffictype=$traffic"
done
quiet updatePhysicalNetwork "id=$network" state=Enabled
provider=$(id_of listNetworkServiceProviders "physicalnetworkid=$network" name=VirtualRouter)
element=$(id_of listVirtualRouterElements "nspid=$provider")
quiet configureVirtualRouterElement "id=$element" enabled=true
quiet updateNetworkServiceProvider "id=$provider" state=Enabled

[ -n "$(id_of listVlanIpRanges "physicalnetworkid=$network")" ] ||
    quiet createVlanIpRange "zoneid=$zone" "physicalnetworkid=$network" forvirtualnetwork=true vlan=untagged \
        gateway=198.51.100.1 netmask=255.255.255.0 startip=198.51.100.10 endip=198.51.100.250

pod=$(id_of listPods "zoneid=$zone")
[ -n "$pod" ] || pod=$(id_of createPod "zoneid=$zone" "name=$zone_name-pod" gateway=192.0.2.1 netmask=255.255.255.0 startip=192.0.2.10 endip=192.0.2.250)

cluster_number=0
while [ "$cluster_number" -lt "$clusters" ]; do
    cluster_name=$zone_name-cluster-$cluster_number
    cluster=$(id_of listClusters "zoneid=$zone" "name=$cluster_name")
    [ -n "$cluster" ] || cluster=$(id_of addCluster "zoneid=$zone" "podid=$pod" "clustername=$cluster_name" hypervisor=Simulator clustertype=CloudManaged)
    there=$(call --value count listHosts "clusterid=$cluster" type=Routing)
    host_number=${there:-0}
    while [ "$host_number" -lt "$hosts" ]; do
        quiet addHost "zoneid=$zone" "podid=$pod" "clusterid=$cluster" hypervisor=Simulator \
            "url=http://sim/$zone_name-c$cluster_number/h$host_number" username=root password=simulator
        host_number=$((host_number + 1))
    done
    [ -n "$(id_of listStoragePools "clusterid=$cluster" "name=$cluster_name-primary")" ] ||
        quiet createStoragePool "zoneid=$zone" "podid=$pod" "clusterid=$cluster" "name=$cluster_name-primary" \
            "url=nfs://sim/$cluster_name-primary" scope=cluster hypervisor=Simulator
    cluster_number=$((cluster_number + 1))
done

[ -n "$(id_of listImageStores "zoneid=$zone")" ] ||
    quiet addImageStore "zoneid=$zone" "name=$zone_name-secondary" provider=NFS "url=nfs://sim/$zone_name-secondary"
quiet updateZone "id=$zone" allocationstate=Enabled

[ -n "$(image)" ] ||
    quiet registerTemplate "zoneid=$zone" name=tiny "displaytext=Tiny Linux" format=QCOW2 hypervisor=Simulator \
        url=http://sim/images/tiny.qcow2 "ostypeid=$(id_of listOsTypes 'description=Other Linux (64-bit)')" ispublic=true isfeatured=true
echo "zone $zone_name is ready: $clusters cluster(s) of $hosts host(s)"
