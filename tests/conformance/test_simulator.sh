#!/bin/bash
# The conformance suite passes on every plugin of the simulator, and leaves nothing behind; its state outlives kill -9.
. "$(dirname "$0")/_simulator"

check() { # plugin, settings
    "$OUT/gurum-plugin-check" "$OUT/plugins/$1.so" --settings "$2" > "$WORK/tap" 2>&1
    result $? "gurum-plugin-check passes on $1"
    grep '^not ok\|^Bail' "$WORK/tap" | sed 's/^/# /'
}

echo '{}' > "$WORK/none.json"
for plugin in hypervisor-simulator storage-simulator image-store-simulator network-simulator; do
    check $plugin "$WORK/settings.json"
done
for plugin in host-allocator-first-fit host-allocator-spread storage-allocator-least-used; do
    check $plugin "$WORK/none.json"
done
simulator dump > "$WORK/after"
! grep -q '":{"[^"]' "$WORK/after"
result $? "nothing is left at the simulator"

# With every slot taking its time, the suite still passes: all of it goes over PENDING.
for slot in guest_ensure guest_remove host_ensure; do simulator delay $slot 20 > "$WORK/reply"; done
check hypervisor-simulator "$WORK/settings.json"
simulator no-faults > "$WORK/reply"

simulator host_size http://sim/kept cpus=2 mhz=1000 memory_mib=512 > "$WORK/reply"
kill -9 "$SIMULATOR"
wait "$SIMULATOR" 2> "$WORK/reply"
simulator_start
simulator dump hosts | grep -q '"http://sim/kept":{"cpu_count":2'
result $? "the state outlives kill -9 of the simulator"
simulator reset > "$WORK/reply"
echo "1..$NUMBER"
