#!/usr/bin/env bash
# Calls REST v2 of a cluster with the token of a rotated secret. Needs the AWS CLI, jq and curl
# 7.82 or later. If the cluster refuses the token, reads the secret again and repeats the call. The
# repetition is safe, because a cluster does not execute a call that it answers with code 1800.
#
#   curl.sh milvus/orders /v2/vectordb/collections/list '{}'
set -euo pipefail
secret_id=$1 path=$2 body=$3

# A rotation changes the password of AWSPENDING on the cluster first, and moves AWSCURRENT later.
# The last attempt waits for its end.
for attempt in AWSCURRENT:0 AWSPENDING:0 AWSCURRENT:1; do
  stage=${attempt%:*}
  sleep "${attempt#*:}"
  if ! secret=$(aws secretsmanager get-secret-value --secret-id "$secret_id" --version-stage "$stage" \
    --query SecretString --output text); then
    # Outside a rotation, no version may have AWSPENDING.
    [[ $stage == AWSPENDING ]] && continue
    exit 1
  fi
  # The token goes in by standard input: an argument would show in the process list. printf is no
  # process, because bash runs it itself.
  answer=$(printf '%s' "$secret" | jq --raw-output '"header = " + ("Authorization: Bearer " + .token | @json)' |
    curl --silent --show-error --config - --json "$body" "$(printf '%s' "$secret" | jq --raw-output .endpoint)$path")
  if [[ $(printf '%s' "$answer" | jq .code) != 1800 ]]; then
    printf '%s\n' "$answer"
    exit
  fi
done
echo "The cluster refuses the versions AWSCURRENT and AWSPENDING of $secret_id." >&2
exit 1
