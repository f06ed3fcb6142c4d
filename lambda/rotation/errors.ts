import type { Step } from './attempt.ts';

/**
 * Every way in which a step can fail: whether the same attempt may succeed when repeated, and what is safe to do next.
 * docs/operations.md has an entry for each code; a test holds the two together.
 */
export const FAILURES = {
  SECRET_NOT_CONFIGURED: {
    retryable: false,
    advice:
      'Nothing was read or changed. Add the secret to the configuration that deployed this function, or give the secret a rotation function of its own.',
  },
  ROTATION_DISABLED: {
    retryable: false,
    advice: 'Nothing was changed. Turn rotation on for this secret, or stop calling the function by hand.',
  },
  TOKEN_UNKNOWN: {
    retryable: false,
    advice:
      'Nothing was changed. Either the version was given up (then an earlier line of the log says PASSWORD_REFUSED), or the function was called by hand. Start a new rotation with RotateSecret.',
  },
  TOKEN_NOT_PENDING: {
    retryable: false,
    advice:
      'Nothing was changed: the version was given up, or someone stored a value meanwhile. Start a new rotation; it goes on from whichever password is in force.',
  },
  CURRENT_INVALID: {
    retryable: false,
    advice: 'Nothing was changed. Store a valid credential in the secret, then rotate.',
  },
  CURRENT_REJECTED: {
    retryable: false,
    advice:
      'Nothing was changed. Secrets Manager was only testing the configuration, with the current value: store the password that is in force. A secret that the stack has just made holds a placeholder until then.',
  },
  PENDING_MISSING: {
    retryable: true,
    advice: 'Nothing was changed. The next attempt makes the version anew or finds it.',
  },
  PENDING_INVALID: {
    retryable: false,
    advice:
      'Nothing was sent to the cluster. Someone stored this value by hand: remove AWSPENDING from that version, then rotate.',
  },
  PENDING_MISMATCH: {
    retryable: false,
    advice:
      'Nothing was sent to any host. Remove AWSPENDING from that version, then rotate; to move a secret to another cluster or user, change its current value.',
  },
  ENDPOINT_REFUSED: {
    retryable: false,
    advice: 'Nothing was sent to any host. Correct the endpoint, or add it to the allowed endpoints of the function.',
  },
  CLUSTER_UNREACHABLE: {
    retryable: true,
    advice:
      "Check the cluster's IP access list, the function's subnets, routes and security groups, DNS and the certificate. The passwords were not judged.",
  },
  CLUSTER_NO_ANSWER: {
    retryable: true,
    advice: 'Check the health of the cluster and the network path. The next attempt finds out what is in force.',
  },
  CLUSTER_NOT_READY: {
    retryable: true,
    advice:
      'A new or resuming cluster answers like this for some minutes. Wait for it, then let the rotation be retried.',
  },
  CLUSTER_FORBIDS: {
    retryable: true,
    advice:
      'Nothing was changed. Find out why the cluster refuses to judge this user, then let the rotation be retried.',
  },
  NONE_IN_FORCE: {
    retryable: true,
    advice:
      "Nothing was changed. If the cluster was just made, wait. Otherwise the password was changed outside this secret (by hand, by another secret for the same user, or by Terraform): reset it in the cluster's console and store it in the secret, or run `zilliz-rotation repair` with an admin credential.",
  },
  NOT_ENOUGH_TIME: {
    retryable: true,
    advice: "Nothing was changed. Raise the function's timeout if this returns; 60 seconds are enough as a rule.",
  },
  PASSWORD_REFUSED: {
    retryable: false,
    advice:
      "The current credential stays in force and the version was given up. Make the function's password policy fit the cluster's, then rotate: a new password is made.",
  },
  CHANGE_REFUSED: {
    retryable: true,
    advice:
      'The cluster refused the change, and the credential found before is in force, proven by a login. The next attempt tries again.',
  },
  CHANGE_UNSETTLED: {
    retryable: true,
    advice:
      'The next attempt finds out which stored password is in force and goes on from it. Do not change anything by hand.',
  },
  PENDING_REJECTED: {
    retryable: true,
    advice:
      'AWSCURRENT was not moved. Likely cause: a second secret, a person or Terraform changed the same cluster user. `zilliz-rotation status` on all secrets of the cluster names the clash; the next attempt goes on from what is in force.',
  },
  AUTHORIZATION_OFF: {
    retryable: false,
    advice:
      'AWSCURRENT was not moved. The cluster accepts every password: switch authorization on (common.security.authorizationEnabled), then rotate.',
  },
  CURRENT_MOVED: {
    retryable: false,
    advice:
      'The value that someone stored stays current. Start a new rotation; it goes on from whichever password is in force.',
  },
  ADMIN_REFUSED: {
    retryable: false,
    advice:
      "Nothing was changed. Reset the password in the cluster's console and store it in the secret; or list the admin in common.security.superUsers, without which Milvus asks for the old password even of an admin.",
  },
  ADMIN_INVALID: {
    retryable: false,
    advice: 'Nothing was changed. Correct the admin secret that the function is configured with.',
  },
  SECRETS_MANAGER_UNAVAILABLE: {
    retryable: true,
    advice:
      'Nothing to do if it is throttled or briefly away; in a VPC, check the interface endpoint of Secrets Manager.',
  },
  SECRETS_MANAGER_DENIED: {
    retryable: false,
    advice: "Compare the function's role, the secret's resource policy and its KMS key with docs/security.md.",
  },
  SECRETS_MANAGER_REFUSED: {
    retryable: false,
    advice:
      'Look at the secret in the console: it may be marked for deletion, or carry so many labels that no other has room (20 are allowed).',
  },
  UNEXPECTED: {
    retryable: true,
    advice: 'A fault in this function. Report it with the log line; the next attempt starts from the stored state.',
  },
} as const;

export type FailureCode = keyof typeof FAILURES;

/** What is known of the password in force at the moment of the failure. */
export type InForce = 'pending' | 'current' | 'previous' | 'stranded' | 'none of the stored' | 'not known';

/** The one error that leaves a step. It carries no cause, because Lambda's runtime logs whatever hangs on an error. */
export class RotationError extends Error {
  override readonly name = 'RotationError' as const;
  readonly code: FailureCode;
  readonly retryable: boolean;
  readonly advice: string;
  readonly inForce: InForce;
  /** Set by the rotation when the error leaves its step. */
  step: Step | undefined;

  constructor(code: FailureCode, sentence: string, inForce: InForce = 'not known') {
    super(`${code}: ${sentence}`);
    this.code = code;
    this.retryable = FAILURES[code].retryable;
    this.advice = FAILURES[code].advice;
    this.inForce = inForce;
  }
}
