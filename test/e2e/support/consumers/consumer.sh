#!/usr/bin/env bash
# Calls the cluster through the example for curl. Prints ok, or the failure, for each call. Also
# prints the arguments of the processes that the example starts, which other users can see.
set -uo pipefail
example=$(dirname "$0")/../../../../examples/consume/curl.sh

report() {
  printf 'arguments: %s\n' "$*" >&2
  command "$@"
}
aws() { report aws "$@"; }
curl() { report curl "$@"; }
jq() { report jq "$@"; }
export -f report aws curl jq

while true; do
  if answer=$("$example" "$1" /v2/vectordb/users/describe '{"userName": "root"}') && [[ $answer == *'"code":0'* ]]; then
    echo ok
  else
    echo "failed $answer"
  fi
done
