#!/bin/sh
# Installs into an empty folder and has systemd judge the units.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not installed"; exit 77; }
"$GURUM_SOURCE/tests/support/install-tree" "$GURUM_OUT" "$folder" /usr 0
mkdir "$folder/units"
for unit in "$folder"/usr/lib/systemd/system/*; do # the programs lie below the folder, not below /
    sed "s|=/usr/bin/gurumd|=$folder/usr/bin/gurumd|" "$unit" >"$folder/units/$(basename "$unit")"
done
failed=0 passed=0
for unit in gurum-web.socket gurum-web@1.service gurum-jobs@1.service gurum-stream.service gurum-migrate.service; do
    if complaint=$(systemd-analyze verify --man=no "$folder/units/$unit" 2>&1) && [ -z "$complaint" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$unit: $complaint"
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
