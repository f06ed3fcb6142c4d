#!/usr/bin/env bash
# Calls REST v2 of a cluster with the token of a rotated secret. Needs the AWS CLI, jq, timeout (GNU
# coreutils) and curl 7.82 or later. If the cluster refuses the token, reads the secret again and
# repeats the call. The repetition is safe, because a cluster does not execute a call that it
# answers with code 1800. Prints the answer. The exit code is 0 if the cluster has executed the
# call, and otherwise 1.
#
#   curl.sh milvus/orders /v2/vectordb/collections/list '{}'
set -euo pipefail
secret_id=$1 path=$2 body=$3

# The time limit also ends the AWS CLI, and the pauses.
if [[ -z ${IS_LIMITED:-} ]]; then
  IS_LIMITED=1 timeout "${MAX_SECONDS:=30}" bash "$0" "$@" && exit
  (($? != 124)) || echo "The call has not ended within $MAX_SECONDS seconds." >&2
  exit 1
fi

# By default, the AWS CLI makes five attempts. Their pauses are random, and may end within a second.
export AWS_MAX_ATTEMPTS=6

# A rotation changes the password of AWSPENDING on the cluster first, and moves AWSCURRENT later.
# The attempts after a pause wait for its end, and for proxies of the cluster that learn late.
for attempt in AWSCURRENT:0 AWSPENDING:0 AWSCURRENT:1 AWSPENDING:0 AWSCURRENT:2 AWSPENDING:0 AWSCURRENT:4 AWSPENDING:0; do
  stage=${attempt%:*}
  sleep "${attempt#*:}"
  if ! secret=$(aws --cli-connect-timeout 5 --cli-read-timeout 10 secretsmanager get-secret-value \
    --secret-id "$secret_id" --version-stage "$stage" --query SecretString --output text); then
    # Outside a rotation, no version may have AWSPENDING.
    [[ $stage == AWSPENDING ]] && continue
    exit 1
  fi
  # jq's error can contain the secret. The first rotation adds the token.
  if ! endpoint=$(printf '%s' "$secret" | jq --exit-status --raw-output .endpoint 2>/dev/null) ||
    ! header=$(printf '%s' "$secret" | jq --raw-output '"header = " + ("Authorization: Bearer " +
      (.token // .apiKey // .username + ":" + .password) | @json)' 2>/dev/null); then
    echo "The secret $secret_id is no JSON with endpoint and credential." >&2
    exit 1
  fi
  # The token goes in by standard input: an argument would show in the process list. printf is no
  # process, because bash runs it itself.
  answer=$(printf '%s' "$header" |
    curl --silent --show-error --connect-timeout 5 --write-out '\n%{http_code}' --config - --json "$body" "$endpoint$path")
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  # A gateway may answer something else than JSON. Milvus before 2.4.3 says 200 for a success.
  code=$(jq --raw-output .code 2>/dev/null <<<"$answer" || true)
  if [[ $code != 1800 ]]; then
    printf '%s\n' "$answer"
    [[ $status == 200 && ($code == 0 || $code == 200) ]]
    exit
  fi
done
echo "The cluster refuses the versions AWSCURRENT and AWSPENDING of $secret_id." >&2
exit 1
