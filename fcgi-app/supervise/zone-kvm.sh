#!/bin/sh
# Builds the first zone of a running cloud through API commands: the hypervisor of this machine, storage and images in folders, a shared
# network with DHCP, a small guest image. Finds what is there and adds what is missing; run again, it changes nothing. Writes the lines
# that start a machine.
#   zone-kvm.sh GURUMD CONFIG      from `cloud`: RUN, GURUM_URL, GURUM_IMAGE (folder of tiny.qcow2), GURUM_LIBVIRT (the host's address),
#   GURUM_POOL (folder for volumes, as the host sees it), GURUM_STORE (folder for images), GURUM_HINTS (file
#   for the lines), GURUM_ZONE_LOG
set -eu
gurumd=$1 config=$2
zone_name=first

say() { echo "gurum: $*"; }
call() { "$gurumd" --config "$config" call "$@" 2>>"${GURUM_ZONE_LOG:-/dev/stderr}"; }
id_of() { call --value id "$@"; }
quiet() { call "$@" >/dev/null; }

zone=$(id_of listZones "name=$zone_name")
if [ -z "$zone" ]; then
    say "making zone \"$zone_name\""
    # Guests ask the first name server of this machine that they can reach; an address for documentation when there is none.
    dns=$(sed -n 's/^nameserver \([0-9.]*\) *$/\1/p' /etc/resolv.conf 2>/dev/null | grep -v '^127\.' | head -n 1)
    dns=${dns:-192.0.2.53}
    zone=$(id_of createZone "name=$zone_name" networktype=Advanced "dns1=$dns" "internaldns1=$dns" guestcidraddress=10.1.1.0/24)
    # Whoever tries the cloud out sees graphs within a minute; one host is asked for little.
    quiet updateConfiguration name=vm.stats.interval value=5000
fi

# ---- networks: what a shared network needs ---------------------------------------------------------------------------------
physical=$(id_of listPhysicalNetworks "zoneid=$zone")
[ -n "$physical" ] || physical=$(id_of createPhysicalNetwork "zoneid=$zone" "name=$zone_name-net" isolationmethods=VXLAN vlan=5000-9000)
traffics=$(call listTrafficTypes "physicalnetworkid=$physical")
for traffic in Management Guest Public; do
    case $traffics in *"\"$traffic\""*) ;; *) quiet addTrafficType "physicalnetworkid=$physical" "traffictype=$traffic" ;; esac
done
[ "$(call --value state listPhysicalNetworks "id=$physical")" = Enabled ] || quiet updatePhysicalNetwork "id=$physical" state=Enabled
provider=$(id_of listNetworkServiceProviders "physicalnetworkid=$physical" name=VirtualRouter)
if [ "$(call --value state listNetworkServiceProviders "physicalnetworkid=$physical" name=VirtualRouter)" != Enabled ]; then
    quiet configureVirtualRouterElement "id=$(id_of listVirtualRouterElements "nspid=$provider")" enabled=true
    quiet updateNetworkServiceProvider "id=$provider" state=Enabled
fi

# ---- places: pod, cluster, host, storage -----------------------------------------------------------------------------------
pod=$(id_of listPods "zoneid=$zone")
[ -n "$pod" ] || pod=$(id_of createPod "zoneid=$zone" "name=$zone_name-pod" gateway=192.0.2.1 netmask=255.255.255.0 startip=192.0.2.10 endip=192.0.2.250)
cluster=$(id_of listClusters "zoneid=$zone" "name=$zone_name-cluster")
[ -n "$cluster" ] || cluster=$(id_of addCluster "zoneid=$zone" "podid=$pod" "clustername=$zone_name-cluster" hypervisor=KVM clustertype=CloudManaged)
host=$(id_of listHosts "clusterid=$cluster" type=Routing)
if [ -z "$host" ]; then
    say "adding the hypervisor of this machine, $GURUM_LIBVIRT"
    host=$(id_of addHost "zoneid=$zone" "podid=$pod" "clusterid=$cluster" hypervisor=KVM "url=$GURUM_LIBVIRT" username=root password=)
fi
[ -n "$(id_of listStoragePools "clusterid=$cluster" "name=$zone_name-primary")" ] ||
    quiet createStoragePool "zoneid=$zone" "podid=$pod" "clusterid=$cluster" "name=$zone_name-primary" scope=cluster hypervisor=KVM \
        "url=filesystem://localhost$GURUM_POOL"
if [ -z "$(id_of listImageStores "zoneid=$zone")" ]; then
    mkdir -p "$GURUM_STORE"
    quiet addImageStore "zoneid=$zone" "name=$zone_name-images" provider=dir "url=file://$GURUM_STORE"
fi
[ "$(call --value allocationstate listZones "id=$zone")" = Enabled ] || quiet updateZone "id=$zone" allocationstate=Enabled

# ---- the shared network: a subnet that no route of this machine leads to ----------------------------------------------------
is_free() { [ -z "$(ip -4 route show root "$1" 2>/dev/null)$(ip -4 route show match "$1" 2>/dev/null | grep -v '^default')" ]; }
# Two copies come up with different ones, although their networks' routes appear only with their first machines.
choose_subnet() { # prints "10.A.B"
    number=$(printf '%s %s' "$RUN" "$1" | cksum | cut -d' ' -f1)
    echo "10.$((64 + number / 256 % 64)).$((number % 256))"
}
network=$(id_of listNetworks "zoneid=$zone" "name=$zone_name-shared" listall=true)
if [ -z "$network" ]; then
    tries=1
    until subnet=$(choose_subnet $tries) && is_free "$subnet.0/24"; do
        tries=$((tries + 1))
        [ $tries -le 100 ] || { echo "no subnet is free for the shared network" >&2; exit 1; }
    done
    say "network $subnet.0/24"
    offering=$(id_of listNetworkOfferings name=DefaultSharedNetworkOffering)
    [ "$(call --value state listNetworkOfferings "id=$offering")" = Enabled ] || quiet updateNetworkOffering "id=$offering" state=Enabled
    network=$(id_of createNetwork "zoneid=$zone" "name=$zone_name-shared" "displaytext=Shared network" "networkofferingid=$offering" \
        "physicalnetworkid=$physical" vlan=untagged acltype=Domain "gateway=$subnet.1" netmask=255.255.255.0 "startip=$subnet.10" "endip=$subnet.250")
fi
# Nothing carries isolated networks in such a zone, so they are not offered; machines go to the shared one.
isolated=$(id_of listNetworkOfferings name=DefaultIsolatedNetworkOfferingWithSourceNatService state=Enabled)
[ -z "$isolated" ] || quiet updateNetworkOffering "id=$isolated" state=Disabled

# ---- a size and an image -----------------------------------------------------------------------------------------------------
size=$(id_of listServiceOfferings "name=Tiny Instance")
[ -n "$size" ] || size=$(id_of createServiceOffering "name=Tiny Instance" "displaytext=Tiny Instance, 128 MB" cpunumber=1 cpuspeed=500 memory=128)

image_says() { call --value "$1" listTemplates templatefilter=all "zoneid=$zone" "name=Tiny Linux"; }
image=$(image_says id)
if [ -z "$image" ]; then
    # Images come from public addresses only; this one comes from this machine's own web server.
    [ -n "$(call --value value listConfigurations name=image.url.allowed_cidrs)" ] ||
        quiet updateConfiguration name=image.url.allowed_cidrs value=127.0.0.1/32
    image=$(id_of registerTemplate "zoneid=$zone" "name=Tiny Linux" "displaytext=Tiny Linux with a web server" format=QCOW2 hypervisor=KVM \
        "url=$GURUM_URL/images/tiny.qcow2" "checksum={SHA-512}$(cat "$GURUM_IMAGE/tiny.qcow2.sha512")" \
        "ostypeid=$(id_of listOsTypes 'description=Other Linux (64-bit)')" ispublic=true isfeatured=true requireshvm=true)
fi
told='' tries=600
until [ "$(image_says isready)" = true ]; do
    now=$(image_says status)
    [ "$now" = "$told" ] || say "image: $now"
    told=$now
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "the image did not become ready: $now" >&2; exit 1; }
    sleep 0.2
done

# As a shell takes it.
word() { case $1 in *[!A-Za-z0-9/._-]*) printf "'%s'" "$1" ;; *) printf %s "$1" ;; esac; }
machine="name=hello zoneid=$zone templateid=$image serviceofferingid=$size"
access=". $(word "$RUN/cloud.env");"
cat >"$GURUM_HINTS" <<HINTS
gurum: start a machine, any of
gurum:   browser     $GURUM_URL/instances/new (log in, press the button)
gurum:   here        $(word "$gurumd") --config $(word "$config") call deployVirtualMachine $machine
gurum:   cmk         $access cmk -u "\$GURUM_URL/client/api" -k "\$GURUM_API_KEY" -s "\$GURUM_SECRET_KEY" deploy virtualmachine $machine
gurum:   python3-cs  $access CLOUDSTACK_ENDPOINT="\$GURUM_URL/client/api" CLOUDSTACK_KEY="\$GURUM_API_KEY" CLOUDSTACK_SECRET="\$GURUM_SECRET_KEY" python3 -m cs deployVirtualMachine $machine
HINTS
