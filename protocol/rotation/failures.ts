/**
 * The codes with which a step fails: in the log, and as values of the dimension `code` of the
 * metrics. Each has advice: what to do. If testSecret or finishSecret can fail with a code, its
 * advice says only "This step changed nothing", because setSecret may have changed the password
 * before. docs/operations.md has an entry for each code, and a test compares the two.
 */
export type FailureCode = keyof typeof RETRYABLE | keyof typeof FINAL;

/** After these codes, the next attempt with the same version may succeed. */
const RETRYABLE = {
  PINS_UNREADABLE:
    "This step changed nothing. Deploy all stacks of the configuration again: they create the secret with the pins, and allow the function's role to read it. In a VPC, check the interface endpoint of Secrets Manager.",
  CURRENT_REJECTED:
    'This step changed nothing. If the cluster is new, or its proxies cannot reach its root coordinator, it rejects every credential: wait. Otherwise run `zilliz-rotation repair SECRET`, which moves AWSCURRENT to an accepted stored version. If you know a valid credential, store it with `zilliz-rotation init SECRET`, also where a new secret of the stack still holds a placeholder.',
  PENDING_MISSING: 'This step changed nothing. The next attempt finds the version or creates it again.',
  CLUSTER_UNREACHABLE:
    "The cluster has checked no credential. Check the cluster's IP access list, the function's subnets, routes and security groups, and DNS. If a private authority signed the cluster's certificate, give the function `caFile`, or the construct `certificateAuthority`.",
  CLUSTER_NO_ANSWER:
    'Check the health of the cluster and the network path. The next attempt finds out which credential is accepted.',
  CLUSTER_NOT_READY:
    'A new or resuming cluster answers like this for some minutes. Wait until it is ready; Secrets Manager then retries the rotation.',
  CLUSTER_FORBIDS:
    'This step changed nothing. Find out why the cluster forbids this login; Secrets Manager then retries the rotation.',
  NONE_IN_FORCE:
    "Nothing was changed. If the cluster is new, or its proxies cannot reach its root coordinator, it rejects every password: wait. Otherwise run `zilliz-rotation status SECRET`: it names another secret for the same user. If there is none, the password was changed by hand or by Terraform. If you know it, or reset it in the cluster's console, store it with `zilliz-rotation init SECRET`. Otherwise run `zilliz-rotation repair SECRET --admin-secret ADMIN`. If the user does not exist, run `zilliz-rotation init SECRET --admin-secret ADMIN --role ROLE`.",
  NOT_ENOUGH_TIME:
    "This step changed nothing. If this happens again, raise the function's timeout; 60 seconds are usually enough.",
  CHANGE_REFUSED:
    'The cluster refused the change. A login proved that the credential from before is still accepted. The next attempt tries again.',
  CLUSTER_NOT_PRIMARY:
    'Nothing was changed. The cluster is a secondary of a replication and refuses changes of users. Store the endpoint of the primary in the secret, or wait for the failover to end.',
  CHANGE_UNSETTLED:
    'Do not change anything by hand. The next attempt finds out which stored password is accepted and starts from it.',
  PENDING_REJECTED:
    'AWSCURRENT was not moved. Probably a second secret, a person or Terraform changed the same user or API key: `zilliz-rotation status --all` finds a second secret. A new API key is rejected if the cluster learns it later than PROPAGATION_MS, or if its scope does not include the cluster. The next attempt starts from the accepted credential.',
  VERSION_DENIED:
    'Nothing was changed. The accepted password is probably in the version that AWS did not let the function read: allow its key, as docs/operations.md shows. If the cluster is new, or its proxies cannot reach its root coordinator, it rejects every password: wait.',
  CONTROL_PLANE_UNAVAILABLE:
    'AWSCURRENT was not moved. Check the route from the function to the control plane, which PrivateLink does not cover. The next attempt deletes a key that this one may have created.',
  MANAGER_REJECTED:
    'AWSCURRENT was not moved. Store a valid key with the right to manage API keys in the manager secret. It must be another key than the rotated one.',
  ADMIN_REJECTED:
    'Nothing was changed. If the cluster is new, or its proxies cannot reach its root coordinator, it rejects every password: wait. Otherwise store the accepted password of the admin in the admin secret.',
  SECRETS_MANAGER_UNAVAILABLE:
    'If Secrets Manager throttled the call or failed briefly, do nothing. In a VPC, check the interface endpoint of Secrets Manager.',
  EVENT_NOT_SENT:
    'The rotation itself is complete: AWSCURRENT holds an accepted credential. What restarts on the event has not restarted. The next attempt only sends the event. Check that the role allows events:PutEvents, and in a VPC the interface endpoint of EventBridge.',
  UNEXPECTED:
    'This is a fault in the function. Report it with the log line. The next attempt starts from the stored state.',
} as const;

/** After these codes, no attempt with the same version succeeds. */
const FINAL = {
  SECRET_NOT_CONFIGURED:
    'Nothing was read or changed. Remove AWSPENDING with `zilliz-rotation repair SECRET`, because a deployment of its schedule fails with it. Then add the secret to the configuration that deployed this function, or give the secret a rotation function of its own.',
  ROTATION_DISABLED:
    'This step changed nothing. Turn rotation on for this secret, or stop calling the function by hand.',
  TOKEN_UNKNOWN:
    'This step changed nothing. If an earlier log line says PASSWORD_REFUSED, the version was released; otherwise somebody called the function by hand. Start a new rotation with RotateSecret.',
  TOKEN_NOT_PENDING:
    'This step changed nothing. Somebody removed AWSPENDING or stored a value, or the function removed AWSPENDING after CURRENT_MOVED. Start a new rotation: it starts from the accepted credential.',
  CURRENT_INVALID: 'This step changed nothing. Store a valid credential in the secret, then rotate.',
  PENDING_INVALID:
    'This step changed nothing. Somebody stored this value by hand. Remove AWSPENDING from the version with `zilliz-rotation repair SECRET`, then rotate.',
  PENDING_MISMATCH:
    'Nothing was sent to any host. Remove AWSPENDING from the version with `zilliz-rotation repair SECRET`, then rotate. To move a secret to another cluster, user or API key, change its current value.',
  ENDPOINT_REFUSED:
    'Nothing was sent to any host. Correct the endpoint, or add it to the allowed endpoints of the function.',
  ROTATED_TOO_RECENTLY:
    'Nothing was changed on the cluster. Rotate again at the time in this message. After a leak, rotate both users now with `zilliz-rotation rotate SECRET --both-users`, which says what it interrupts.',
  LABELS_FULL:
    'The cluster accepts the same credential as before. `zilliz-rotation status SECRET` says which labels to remove, or which API keys to delete. Then run `zilliz-rotation repair SECRET` and rotate.',
  PASSWORD_REFUSED:
    "The version was released, and the cluster accepts the same password as before. Adapt the function's password policy to the cluster's, then rotate: the function generates another password.",
  AUTHORIZATION_OFF:
    'AWSCURRENT was not moved. The cluster accepts every credential. Switch authorization on (common.security.authorizationEnabled), run `zilliz-rotation repair SECRET`, then rotate.',
  CURRENT_MOVED:
    'The value that somebody stored stays current. Start a new rotation: it starts from the accepted credential.',
  KEY_NOT_ROTATABLE:
    'AWSCURRENT was not moved. Create a customized key in the console, with another role than Owner. Store it with `zilliz-rotation init SECRET --api-key-id KEY-ID`, and name its id as apiKeyId in the configuration.',
  KEY_QUOTA:
    'AWSCURRENT was not moved. No key was created. Delete API keys that nobody uses in the console of Zilliz Cloud, then try again.',
  KEY_REFUSED: 'AWSCURRENT was not moved. Read the answer of the control plane in this message, then rotate.',
  KEY_CHANGED:
    'AWSCURRENT was not moved, and AWSPENDING was removed. Start a new rotation: it creates another key with the present role and scope of the current one.',
  ADMIN_REFUSED:
    "Nothing was changed. Reset the password in the cluster's console and store it in the secret. Or list the admin in common.security.superUsers: without that, Milvus asks even an admin for the old password.",
  RESET_NOT_ALLOWED:
    "Nothing was changed. The function resets a password only if its configuration pins endpoint and username of the secret, and never that of root, db_admin or the admin. Pin both and deploy, or reset the password in the cluster's console and store it in the secret.",
  ADMIN_INVALID: 'Nothing was changed. Correct the admin secret that the function is configured with.',
  SECRETS_MANAGER_DENIED:
    "Compare the function's role, the secret's resource policy and its KMS key with docs/security.md.",
  SECRETS_MANAGER_REFUSED:
    'Run `zilliz-rotation status SECRET`. The secret may be marked for deletion, or have 20 labels already, which is the most that Secrets Manager allows: `zilliz-rotation repair SECRET` frees labels of the function.',
} as const;

export function isRetryable(code: FailureCode): boolean {
  return code in RETRYABLE;
}

export const ADVICE: Readonly<Record<FailureCode, string>> = { ...RETRYABLE, ...FINAL };

/** The function does not know the name under which the operator finds the secret. */
export function adviceOn(secretName: string, advice: string): string {
  return advice.replaceAll(/\bSECRET\b/g, () => secretName);
}
