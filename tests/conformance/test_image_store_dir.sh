#!/bin/bash
# The image store in a folder passes the conformance suite against a source on loopback, and refuses hostile ones.
set -u
OUT=${GURUM_OUT:?set by the test runner}
WORK=$(mktemp -d)
mkfifo "$WORK/hold"
/usr/bin/python3 -B "$(dirname "$0")/_image_source.py" < "$WORK/hold" > "$WORK/port" &
SOURCE=$!
exec 9> "$WORK/hold"

finish() {
    status=$?
    exec 9>&-
    wait "$SOURCE"
    rm -rf "$WORK"
    exit $status
}
trap finish EXIT

for _ in $(seq 100); do [ -s "$WORK/port" ] && break; sleep 0.05; done
URL=http://127.0.0.1:$(cat "$WORK/port")
NUMBER=0
result() { # result 0|1 text…
    NUMBER=$((NUMBER + 1))
    status=$1
    shift
    if [ "$status" = 0 ]; then echo "ok $NUMBER - $*"; else echo "not ok $NUMBER - $*"; fi
}

GOOD=$(curl -s "$URL/image.qcow2" | sha256sum | cut -d' ' -f1)
BAD=$(printf '%s' "$GOOD" | tr 0-9a-f 1-9a-f0)
refused() { # refused status reason name [member…]
    printf '{"status": "%s", "reason": "%s", "url": "%s"%s},\n' "$1" "$2" "$3" "${4:-}"
}
cat > "$WORK/settings.json" << JSON
{"settings": {"root": "$WORK/stores", "keep_free_mib": 0, "stall_seconds": 1},
 "store": {"url": "file://$WORK/stores/deep/one"},
 "image": {"url": "$URL/moved.qcow2", "format": 2, "url_cidrs_allowed": "192.0.2.0/24, 127.0.0.1", "refused": [
$(refused INVALID address_not_allowed "$URL/to-loopback.qcow2")
$(refused INVALID address_not_allowed "$URL/to-loopback-six.qcow2")
$(refused INVALID address_not_allowed "$URL/to-metadata.qcow2")
$(refused INVALID address_not_allowed "http://127.0.0.3:1/image.qcow2")
$(refused INVALID address_not_allowed "http://[64:ff9b::7f00:3]:1/image.qcow2")
$(refused INVALID url_unusable "$URL/to-file.qcow2")
$(refused INVALID url_unusable "$URL/round.qcow2")
$(refused INVALID url_unusable "file:///etc/passwd")
$(refused INVALID url_unusable "ftp://127.0.0.1/image.qcow2")
$(refused INVALID image_too_large "$URL/endless.qcow2" ', "size_bytes_most": 33554432')
$(refused INVALID image_too_large "$URL/image.qcow2" ', "size_bytes_most": 100000')
$(refused INVALID image_too_large "$URL/huge-disk.qcow2" ', "size_bytes_most": 33554432')
$(refused INVALID checksum_mismatch "$URL/image.qcow2" ", \"checksum\": \"{SHA-256}$BAD\"")
$(refused INVALID checksum_mismatch "$URL/image.qcow2" ", \"checksum\": \"${GOOD:0:32}\"")
$(refused INVALID checksum_mismatch "$URL/lying.qcow2" ", \"checksum\": \"sha256:$GOOD\"")
$(refused INVALID checksum_unknown "$URL/image.qcow2" ', "checksum": "{CRC}12345678"')
$(refused INVALID image_refused "$URL/overlay.qcow2")
$(refused INVALID image_refused "$URL/elsewhere.qcow2")
$(refused INVALID image_refused "$URL/unknown-feature.qcow2")
$(refused INVALID image_refused "$URL/encrypted.qcow2")
$(refused INVALID image_refused "$URL/old.qcow2")
$(refused INVALID image_refused "$URL/short.qcow2")
$(refused INVALID format_mismatch "$URL/web-page.qcow2")
$(refused INVALID format_mismatch "$URL/packed.qcow2")
$(refused INVALID format_mismatch "$URL/empty.qcow2")
$(refused UNREACHABLE source_broke_off "$URL/cut.qcow2")
$(refused TIMED_OUT source_stalled "$URL/stalled.qcow2")
$(refused UNREACHABLE source_unreachable "$URL/sick.qcow2")
$(refused NOT_FOUND source_absent "$URL/nothing.qcow2" | sed 's/,$//')
]}}
JSON
http_proxy=http://127.0.0.9:9 "$OUT/gurum-plugin-check" "$OUT/plugins/image-store-dir.so" \
    --settings "$WORK/settings.json" > "$WORK/tap" 2>&1
result $? "gurum-plugin-check passes on image-store-dir, whatever the proxy of the environment"
grep '^not ok\|^Bail' "$WORK/tap" | sed 's/^/# /'
[ "$(grep -c '^ok .* refused.status' "$WORK/tap")" = 29 ]
result $? "every hostile source is refused for its own reason"
[ -z "$(ls -A "$WORK/stores/deep/one")" ]
result $? "nothing is left in the folder"

for url in "file://$WORK/elsewhere" "file://$WORK/stores/../elsewhere" "nfs://host/export"; do
    sed "s#\"store\": .*#\"store\": {\"url\": \"$url\"},#" "$WORK/settings.json" > "$WORK/outside.json"
    "$OUT/gurum-plugin-check" "$OUT/plugins/image-store-dir.so" --settings "$WORK/outside.json" > "$WORK/tap" 2>&1
    grep -q '^not ok .*store_ensure answers INVALID' "$WORK/tap" && [ ! -e "$WORK/elsewhere" ]
    result $? "a store at $url is refused"
done
echo "1..$NUMBER"
