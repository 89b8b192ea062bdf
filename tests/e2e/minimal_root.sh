#!/bin/sh
# timeout: 5000
# In a minimal Debian 12 root made for the occasion: `make run` ends with the printed address, the printed line starts a real machine that
# answers, a second copy runs beside it, stopping leaves no process, mount, bridge, namespace or socket behind, and `make check` passes.
# Part of the full run only (GURUM_FULL=1).
# GURUM_ROOT_TEST="run" leaves `make check` out. Mounts live in a mount namespace of the test, so they end with it.
set -eu
if [ "${GURUM_FULL:-}" != 1 ]; then
    echo "long: runs with GURUM_FULL=1"
    exit 77
fi
source_folder=${GURUM_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
what=${GURUM_ROOT_TEST:-run check}

if [ "${1:-}" != inside ]; then
    command -v mmdebstrap >/dev/null || { echo "mmdebstrap is not installed"; exit 77; }
    work=$(mktemp -d "${TMPDIR:-/var/tmp}/gurum-root.XXXXXX")
    trap 'rm -rf --one-file-system "$work"' EXIT
    # The machine's own package sources and apt settings, so that the root installs from where this machine does.
    sources=$(find /etc/apt/sources.list /etc/apt/sources.list.d -type f \( -name '*.list' -o -name '*.sources' \) -size +0 2>/dev/null | head -1)
    mmdebstrap --quiet --variant=minbase --include=make,ca-certificates,git --setup-hook='mkdir -p "$1/etc/apt/apt.conf.d"; for f in /etc/apt/apt.conf.d/9*; do [ ! -f "$f" ] || cp "$f" "$1/etc/apt/apt.conf.d/"; done' \
        bookworm "$work/root" "$sources"
    cp /etc/resolv.conf /etc/hosts "$work/root/etc/" 2>/dev/null || true
    git clone --quiet "$source_folder" "$work/root/srv/gurum"
    git clone --quiet "$source_folder" "$work/root/srv/second copy"
    cp "$0" "$work/root/srv/inside.sh"
    unshare --mount --pid --fork --kill-child --propagation private sh -ec '
        root=$1
        mount --bind "$root" "$root" # a root of its own, not a chroot: libvirt changes mounts of the root
        cd "$root"
        mount -t proc proc proc
        mount --rbind /sys sys
        mount --rbind /dev dev
        mount -t tmpfs tmpfs run
        mkdir -p old
        pivot_root . old
        umount -l old
        exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root GURUM_FULL=1 GURUM_ROOT_TEST="$2" sh /srv/inside.sh inside
    ' sh "$work/root" "$what"
    exit 0
fi

# ---- inside the root ----
fail() { echo "FAIL: $*"; exit 1; }
others() { ps -e -o pid=,comm= | grep -vE ' (ps|sh|grep|make|sort|env)$' || true; }

mounts() { sed 's/^[0-9]* [0-9]* //' /proc/self/mountinfo | sort; }
bridges() { # of the networks that run in this folder's cloud
    for network in $(virsh -q -c "$(cat run/hypervisor)" net-list --name); do
        virsh -q -c "$(cat run/hypervisor)" net-dumpxml "$network" | sed -n "s/.*<bridge name='\([^']*\)'.*/\1/p"
    done
}
start_a_machine() { # by the line that was printed; it must answer
    line=$(sed -n 's/^gurum:   here *//p' run/first-machine)
    address=$(eval "$line" | sed -n 's/.*"ipaddress":"\([0-9.]*\)".*/\1/p' | head -n 1)
    [ -n "$address" ] || fail "no machine was started by: $line"
    until curl -fsS -m 2 "http://$address/" 2>/dev/null | grep -q '<h1>hello</h1>'; do
        [ $(($(date +%s) - began)) -lt 1800 ] || fail "the machine at $address does not answer"
        sleep 1
    done
}

cd /srv/gurum
log=/tmp/run.log
mounts_before=$(mounts)
setsid make run >"$log" 2>&1 &
runner=$!
began=$(date +%s)
until grep -q '^gurum: ready' "$log"; do
    kill -0 "$runner" 2>/dev/null || { tail -50 "$log"; fail "make run ended"; }
    [ $(($(date +%s) - began)) -lt 1500 ] || { tail -50 "$log"; fail "make run gave no address in 25 minutes"; }
    sleep 1
done
echo "make run: address after $(($(date +%s) - began)) s"
. ./run/cloud.env
curl -fsS -o /dev/null "$GURUM_URL/login" || fail "the portal does not answer"
start_a_machine
echo "its first machine answers after $(($(date +%s) - began)) s"
all_bridges=$(bridges)

cd "/srv/second copy"
make start >/tmp/second.log 2>&1 || { tail -50 /tmp/second.log; fail "the second copy does not start"; }
first_url=$GURUM_URL
. ./run/cloud.env
[ "$first_url" != "$GURUM_URL" ] || fail "both copies use $GURUM_URL"
curl -fsS -o /dev/null "$GURUM_URL/login" || fail "the second copy's portal does not answer"
start_a_machine
all_bridges="$all_bridges $(bridges)"
make stop >>/tmp/second.log 2>&1
curl -fsS -o /dev/null "$first_url/login" || fail "stopping the second copy stopped the first"

cd /srv/gurum
kill -TERM -"$runner"
wait "$runner" || true
for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -z "$(others)" ] && break
    sleep 1
done
[ -z "$(others)" ] || fail "left running: $(others)"
left=$(find /srv /tmp /run /dev/shm -type s 2>/dev/null || true)
[ -z "$left" ] || fail "sockets left: $left"
left=$({ echo "$mounts_before"; mounts; } | sort | uniq -u)
[ -z "$left" ] || fail "mounts left: $left"
for bridge in $all_bridges; do
    [ ! -e "/sys/class/net/$bridge" ] || fail "bridge left: $bridge"
done
echo "run, second copy and stop: clean"

case $what in
*check*)
    began=$(date +%s)
    GURUM_FULL= make check || fail "make check"
    echo "make check: $(($(date +%s) - began)) s"
    ;;
esac
echo "1 passed, 0 failed"
