#!/bin/bash
# Each plugin that is wrong on purpose fails at the check meant for its fault, and the healthy one beside it does not.
# timeout: 600
. "$(dirname "$0")/_simulator"

while read -r number kind code; do
    [ "$number" = "#" ] && continue
    simulator reset > "$WORK/reply"
    plugin=$OUT/plugins-broken/$kind-$number.so
    timeout 120 "$OUT/gurum-plugin-check" "$plugin" --settings "$WORK/settings.json" > "$WORK/tap" 2> "$WORK/errors"
    verdict=$?
    found=1
    [ $verdict -ne 0 ] && grep -q "^not ok .*- $code:" "$WORK/tap" && found=0
    result $found "$kind $number fails at $code"
    [ $found = 0 ] || { echo "# exit status $verdict"; grep '^not ok\|^Bail' "$WORK/tap" | sed 's/^/# /'; }
done < "$(dirname "$0")/broken/variants"
simulator reset > "$WORK/reply"
echo "1..$NUMBER"
