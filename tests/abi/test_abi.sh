#!/bin/bash
# The binary interface of the SDK is the one on record; each header compiles alone, as C17 and as C++.
# test_abi.sh --update writes the record anew: do that together with a line in plugins/sdk/HISTORY.md.
set -u
cd "$(dirname "$0")/../.." || exit 1
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
CC=${CC:-cc}
VERSION=$(sed -n 's/^#define GURUM_ABI_M[AI][JN]OR //p' plugins/sdk/gurum_plugin.h | paste -sd.)
GOLDEN=tests/abi/gurum-$VERSION.abi
NUMBER=0

result() { # result status text…
    NUMBER=$((NUMBER + 1))
    status=$1
    shift
    if [ "$status" = 0 ]; then echo "ok $NUMBER - $*"; else echo "not ok $NUMBER - $*"; sed 's/^/# /' "$WORK/log"; fi
}

python3 tests/abi/_print_abi.py plugins/sdk/gurum_*.h > "$WORK/print.c" &&
    $CC -std=c17 -Iplugins/sdk "$WORK/print.c" -o "$WORK/print" 2> "$WORK/log" && "$WORK/print" > "$WORK/now"
result $? "the interface can be printed"
[ "${1:-}" = --update ] && cp "$WORK/now" "$GOLDEN"
diff -u "$GOLDEN" "$WORK/now" > "$WORK/log" 2>&1
result $? "sizes, offsets, numbers and slots are those of $GOLDEN"
grep -q "^## $VERSION\$" plugins/sdk/HISTORY.md
result $? "HISTORY.md has a section for $VERSION"
for header in plugins/sdk/gurum_*.h; do
    echo "#include \"$(basename "$header")\"" > "$WORK/alone.c"
    $CC -std=c17 -Wall -Wextra -Wpedantic -Wpadded -Wundef -Werror -Iplugins/sdk -fsyntax-only "$WORK/alone.c" 2> "$WORK/log" &&
        ! grep '^#include' "$header" | grep -v '<std\(int\|def\|bool\)\.h>\|"gurum_[a-z_]*\.h"' >> "$WORK/log"
    result $? "$(basename "$header") compiles alone, without hidden padding, and includes nothing else"
done
echo "1..$NUMBER"
