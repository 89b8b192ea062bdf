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

# Scripted faults do what they say: each is seen by the suite at the right check.
while read -r code fault; do
    simulator reset > "$WORK/reply"
    # shellcheck disable=SC2086
    simulator fault $fault > "$WORK/reply"
    timeout 60 "$OUT/gurum-plugin-check" "$OUT/plugins/hypervisor-simulator.so" --settings "$WORK/settings.json" \
        > "$WORK/tap" 2>&1
    grep -q "^not ok .*- $code:" "$WORK/tap"
    result $? "the fault '$fault' is seen at $code"
done << FAULTS
crash.signal action=crash slot=guest_start
crash.signal action=crash-after-effect slot=guest_start
deadline.returns action=hang slot=guest_reboot
deadline.kept action=slow ms=4000 slot=console_open
report.items action=lie-size slot=guest_observe times=1
report.uuid action=lie slot=guest_ensure
happy.start action=status status=BUSY slot=guest_start
pending.ends action=pending ms=100000 slot=guest_start
FAULTS
simulator reset > "$WORK/reply"

# Bad input on the socket is answered or refused, and harms nobody.
python3 - "$SOCKET" << 'PYTHON' > "$WORK/reply"
import socket, sys
def talk(data):
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(sys.argv[1])
    peer.settimeout(10)
    try:
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        return peer.recv(4096)
    except (BrokenPipeError, ConnectionResetError):
        return b""
assert b'"status":2' in talk(b"garbage\n")
assert b'"status":2' in talk(b"[1]\n")
assert b'"status":7' in talk(b'{"kind":"hypervisor","slot":"none"}\n')
assert b'"status"' in talk(b'{"kind":"hypervisor","slot":"guest_ensure","spec":{"guest":7}}\n')
assert talk(b"x" * (24 << 20)) == b""
PYTHON
result $? "bad lines are answered, endless ones are cut off"
simulator ping > "$WORK/reply"
result $? "the simulator lives on"
echo "1..$NUMBER"
