#!/bin/bash
# The template builds outside this tree with nothing but the installed SDK, by pkg-config, and passes the conformance suite.
set -u
OUT=${GURUM_OUT:?set by the test runner}
SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
ROOT=$WORK/root
NUMBER=0

result() { # result status text…
    NUMBER=$((NUMBER + 1))
    status=$1
    shift
    if [ "$status" = 0 ]; then echo "ok $NUMBER - $*"; else echo "not ok $NUMBER - $*"; sed 's/^/# /' "$WORK/log"; fi
}

"$SOURCE/tests/support/install-tree" "$OUT" "$ROOT" /usr 0.0.0 > "$WORK/log" 2>&1
result $? "the SDK installs"
cp -r "$ROOT/usr/share/gurum/plugin-template" "$WORK/mine" 2> "$WORK/log"
result $? "the template is installed with it"
export PKG_CONFIG_SYSROOT_DIR=$ROOT PKG_CONFIG_PATH=$ROOT/usr/lib/pkgconfig
make -C "$WORK/mine" CC="${CC:-cc}" CFLAGS="-O1 -Wall -Wextra -Wpedantic -Werror" > "$WORK/log" 2>&1
result $? "it builds by pkg-config alone"
echo "{\"settings\": {\"folder\": \"$WORK/guests\"}, \"host\": {\"url\": \"template://here\"}}" > "$WORK/check.json"
"$ROOT/usr/bin/gurum-plugin-check" "$WORK/mine/hypervisor-template.so" --settings "$WORK/check.json" > "$WORK/log" 2>&1
result $? "gurum-plugin-check passes on it"
[ -d "$WORK/guests" ] && [ -z "$(ls -A "$WORK/guests")" ] 2> "$WORK/log"
result $? "nothing is left in its folder"
PLUGINS=$(pkg-config --variable=pluginsdir gurum-plugin)
make -C "$WORK/mine" install DESTDIR="$WORK/staged" > "$WORK/log" 2>&1 &&
    find "$WORK/staged" -name hypervisor-template.so > "$WORK/log" && grep -q "${PLUGINS#"$ROOT"}" "$WORK/log"
result $? "it installs where the host looks for plugins"
echo "1..$NUMBER"
