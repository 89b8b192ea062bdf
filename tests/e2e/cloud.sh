#!/bin/sh
# timeout: 600
# The whole cloud by `cloud start`: two copies side by side, killed processes come back, stopping leaves nothing, data stays.
set -eu
folder=$(mktemp -d /tmp/gurum-e2e-XXXXXX)
cloud=$GURUM_SOURCE/fcgi-app/supervise/cloud
long=$folder/a-folder-whose-name-is-so-long-that-no-unix-socket-could-lie-in-it-because-of-the-107-bytes-a-path-may-have
passed=0 failed=0
export GURUM_ZONE=none GURUM_DB_BUFFER=32M

clean_up() {
    RUN=$folder/one "$cloud" stop || true
    RUN=$long "$cloud" stop || true
    rm -rf "$folder"
}
trap clean_up EXIT
check() { # description, command…
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what"
    fi
}
url_of() { sed -n 's/^GURUM_URL=//p' "$1/cloud.env"; }
answers() { [ "$(curl -s -o /dev/null -w '%{http_code}' "$(url_of "$1")/client/api?command=listZones")" = 401 ]; }
answers_soon() { for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do answers "$1" && return 0; sleep 0.2; done; return 1; }
pid_of() { sed -n "s/^$2 0 pid=\([0-9]*\).*/\1/p" "$1/state/status"; }
comes_back() { # folder, part, signal
    before=$(pid_of "$1" "$2")
    kill "-$3" "$before"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        after=$(pid_of "$1" "$2")
        [ -z "$after" ] || [ "$after" = "$before" ] || return 0
        sleep 0.2
    done
    return 1
}
nothing_runs() { ! ps -eo args | grep -v grep | grep -q "$folder"; }
mode_is() { [ "$(stat -c %a "$1")" = "$2" ]; }

RUN=$folder/one "$cloud" start
RUN=$long "$cloud" start
check "the first copy answers" answers_soon "$folder/one"
check "the copy in a long folder answers" answers_soon "$long"
check "they have addresses of their own" [ "$(url_of "$folder/one")" != "$(url_of "$long")" ]
check "credentials are private" mode_is "$folder/one/cloud.env" 600
check "the key file is private" mode_is "$folder/one/keys" 600
check "the web socket is for its group only" mode_is "$folder/one/sock/web.sock" 660
check "stream answers" [ "$(curl -s "$(url_of "$folder/one")/stream/health")" = ok ]
for part in web jobs stream; do
    check "a killed $part process comes back" comes_back "$folder/one" $part KILL
    check "a stopped $part process comes back" comes_back "$folder/one" $part TERM
done
check "it answers afterwards" answers_soon "$folder/one"
keys=$(cat "$folder/one/cloud.env")
check "starting what runs is no error" env RUN="$folder/one" "$cloud" start
check "status says running" env RUN="$folder/one" "$cloud" status
RUN=$folder/one "$cloud" stop
check "status says stopped" [ "$(RUN=$folder/one "$cloud" status | tail -n 1)" = "gurum is not running" ]
RUN=$folder/one "$cloud" start
check "it starts again" answers_soon "$folder/one"
check "with the same credentials" [ "$(cat "$folder/one/cloud.env")" = "$keys" ]
kill -KILL "$(cut -d' ' -f1 "$folder/one/supervisor.pid")"
sleep 1
check "no role outlives the supervisor" [ -z "$(ps -eo args | grep '[g]urumd' | grep "$folder/one/gurum.conf")" ]
RUN=$folder/one "$cloud" stop
sockets=$(cat "$long/socket-folder")
RUN=$long "$cloud" stop
check "nothing runs after stop" nothing_runs
check "no socket is left" [ ! -e "$sockets" ]
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
