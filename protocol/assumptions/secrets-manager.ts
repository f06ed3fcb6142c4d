import { ASSUMED, type Assumption, documented, readIn } from './assumption.ts';

const GUIDE = 'https://docs.aws.amazon.com/secretsmanager/latest/userguide/';
const API = 'https://docs.aws.amazon.com/secretsmanager/latest/apireference/';
const TERRAFORM = 'https://github.com/hashicorp/terraform-provider-aws/blob/432ad2eca7bd/';

/** What a rotation relies on. */
export const SECRETS_MANAGER: Readonly<Record<string, Assumption>> = {
  'sm-steps': {
    behaviour: 'A rotation invokes the function once for each of four steps. The token is the id of the new version.',
    evidence: documented(`${GUIDE}rotate-secrets_lambda-functions.html`),
    ifFalse: 'the step is refused before any change (TOKEN_NOT_PENDING, TOKEN_UNKNOWN)',
  },
  'sm-empty-pending': {
    behaviour: 'RotateSecret makes a version with AWSPENDING and without a value, which cannot be read.',
    evidence: documented(`${API}API_DescribeSecret.html`),
    ifFalse: 'createSecret fails before any change (TOKEN_UNKNOWN, PENDING_INVALID, SECRETS_MANAGER_REFUSED)',
  },
  'sm-pending-visible': {
    behaviour: 'The next step can read a stored version within 1.5 seconds.',
    evidence: ASSUMED,
    ifFalse: 'PENDING_MISSING before any change. The next attempt continues',
  },
  'sm-test-of-schedule': {
    behaviour:
      'RotateImmediately=false runs testSecret only. Assumed: on a copy of the current value, without a retry.',
    evidence: documented(`${API}API_RotateSecret.html`),
    ifFalse: 'the schedule is not stored, or a test is reported as failed. No password changes',
  },
  'sm-retries': {
    behaviour: 'A failed rotation is repeated with the same token, from createSecret on.',
    evidence: documented(`${GUIDE}rotate-secrets_lambda.html`),
    ifFalse: '`status` shows the incomplete rotation, and `rotate` or `repair` completes it',
  },
  'sm-incomplete': {
    behaviour:
      'While AWSPENDING is on another version than AWSCURRENT, a rotation is incomplete, and RotateSecret is refused.',
    evidence: documented(`${API}API_RotateSecret.html`),
    ifFalse: 'two rotations run at once, and one fails with CURRENT_MOVED or TOKEN_NOT_PENDING',
  },
  'sm-refusal-texts': {
    behaviour:
      'RotateSecret says `previous rotation` if one is incomplete. Assumed: `cannot invoke` without the permission.',
    evidence: readIn({
      name: 'Terraform secret_rotation_test.go:42',
      url: `${TERRAFORM}internal/service/secretsmanager/secret_rotation_test.go#L42`,
    }),
    ifFalse: '`rotate` quotes the refusal without advice of its own',
  },
  'sm-token-reuse': {
    behaviour: 'RotateSecret with the token of an existing version starts nothing.',
    evidence: ASSUMED,
    ifFalse: '`rotate` reports a refusal, or a rotation finds nothing to do',
  },
  'sm-compare-and-swap': {
    behaviour: 'A label moves only if RemoveFromVersionId names the version that has it.',
    evidence: documented(`${API}API_UpdateSecretVersionStage.html`),
    ifFalse: 'a value that a person stores at that moment loses AWSCURRENT, and keeps AWSPREVIOUS',
  },
  'sm-previous-follows': {
    behaviour: 'AWSPREVIOUS moves to the version that loses AWSCURRENT.',
    evidence: documented(`${API}API_UpdateSecretVersionStage.html`),
    ifFalse: 'clients miss the former password at late proxies. Sent labels still keep it',
  },
  'sm-write-once': {
    behaviour: 'PutSecretValue with the id of an existing version changes nothing, and is refused for another value.',
    evidence: documented(`${API}API_PutSecretValue.html`),
    ifFalse: 'a repeated createSecret replaces a password. Each step reads the stored value again',
  },
  'sm-write-of-person': {
    behaviour:
      'A value that a person stores becomes AWSCURRENT and ends the rotation. Assumed: a write to the version with AWSPENDING is the function’s.',
    evidence: documented(`${GUIDE}cloudtrail_log_entries.html`),
    ifFalse: 'the step sees the edit, and removes AWSPENDING itself (CURRENT_MOVED)',
  },
  'sm-versions-kept': {
    behaviour:
      'Only versions without a label are deleted, whatever the label is, and none within 24 hours or among the newest 100.',
    evidence: documented(`${GUIDE}reference_limits.html`),
    ifFalse:
      'after a crash, or from a restored backup, the accepted password can be lost (NONE_IN_FORCE): an admin resets it',
  },
  'sm-labels-limit': {
    behaviour: 'A secret has at most 20 labels. Another one is refused.',
    evidence: documented(`${GUIDE}reference_limits.html`),
    ifFalse: 'LABELS_FULL or SECRETS_MANAGER_REFUSED before a password is sent',
  },
  'sm-last-rotated': {
    behaviour:
      'LastRotatedDate is set when a rotation ends. Assumed: neither by the write of a person, nor by a step that fails, even after it moved AWSCURRENT.',
    evidence: documented(`${API}API_DescribeSecret.html`),
    ifFalse: 'the minimum gap and the age of a password count from another moment',
  },
  'sm-last-changed': {
    behaviour: 'A label that moves sets LastChangedDate.',
    evidence: documented(`${API}API_DescribeSecret.html`),
    ifFalse: 'after a crash, `RestartEcsService` may take tasks that started during the rotation for new ones',
  },
  'sm-next-date': {
    behaviour: 'NextRotationDate is the latest date of the next rotation, and in the past after a failure.',
    evidence: documented(`${API}API_DescribeSecret.html`),
    ifFalse: 'the overdue check reports too early or too late',
  },
  'sm-events': {
    behaviour: 'RotationAbandoned reaches EventBridge with the ARN in `additionalEventData.SecretId`.',
    evidence: documented(`${GUIDE}monitoring-eventbridge.html`, `${GUIDE}cloudtrail_log_entries.html`),
    ifFalse: 'no message about an abandoned rotation. The overdue check still finds a missing one',
  },
  'sm-rotation-token': {
    behaviour: 'PutSecretValue needs the RotationToken of the running rotation from another account only.',
    evidence: documented(`${API}API_PutSecretValue.html`),
    ifFalse: 'createSecret fails before any change (SECRETS_MANAGER_DENIED, SECRETS_MANAGER_REFUSED)',
  },
};
