#!/usr/bin/env bash
# The driver of examples/consume/curl.sh. See test/conformance/driver.ts. Also prints, to standard
# error, the arguments of the processes that the example starts, which other users can see.
set -uo pipefail
example=$(dirname "$0")/../../../examples/consume/curl.sh

report() {
  printf 'arguments: %s\n' "$*" >&3
  command "$@"
}
aws() { report aws "$@"; }
curl() { report curl "$@"; }
jq() { report jq "$@"; }
export -f report aws curl jq

call() {
  local secret_id=$1 errors
  # A busy machine needs long to start the AWS CLI.
  if errors=$({ MAX_SECONDS=300 "$example" "$secret_id" /v2/vectordb/users/describe '{"userName": "root"}' >/dev/null; } 2>&1); then
    echo "$secret_id ok"
    return
  fi
  printf '%s\n' "$errors" >&2
  case $errors in
    *'The cluster refuses'*) kind=refused ;;
    *'curl: ('* | *'GetSecretValue operation'* | *'timeout on endpoint'* | *'has not ended within'*) kind=unavailable ;;
    *) kind=other ;;
  esac
  echo "$secret_id failed $kind"
}

exec 3>&2
while read -r secret_id _ count; do
  for ((started = 0; started < count; started++)); do
    call "$secret_id" &
  done
done
wait
