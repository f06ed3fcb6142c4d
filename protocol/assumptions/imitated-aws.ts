import { ASSUMED, type Assumption } from './assumption.ts';

/** What AWS does not document and the emulator imitates, so that tests can run. */
export const IMITATED_AWS: Readonly<Record<string, Assumption>> = {
  'aws-retries': {
    behaviour: 'A rotation has two retries, 2 seconds apart.',
    evidence: ASSUMED,
    ifFalse: '`rotate` reports a failure earlier or later',
  },
  'aws-events': {
    behaviour: 'Each attempt sends RotationStarted and its end, with members of `detail` that no example of AWS shows.',
    evidence: ASSUMED,
    ifFalse: '`history` shows less about a rotation',
  },
  'aws-refused-start': {
    behaviour: 'A refused RotateSecret stores its configuration, turns rotation on, and repeats the old attempt.',
    evidence: ASSUMED,
    ifFalse: '`rotate` advises to wait. `repair` continues at once',
  },
  'aws-stopped': {
    behaviour:
      'If AWSPENDING is moved or the rotation cancelled, the step ends and no other starts. A move sends RotationFailed.',
    evidence: ASSUMED,
    ifFalse: 'the next step is refused before any change (TOKEN_NOT_PENDING)',
  },
  'aws-schedule': {
    behaviour:
      'A rotation starts when its window opens, once after several missed windows. A rate in hours counts from the full hour of the last rotation, or from a changed schedule. Several hours in cron make a schedule in hours.',
    evidence: ASSUMED,
    ifFalse: 'rotations come at another hour',
  },
  'aws-texts': {
    behaviour: 'Texts of refusals about labels, keys and the policy of another account.',
    evidence: ASSUMED,
    ifFalse: 'messages quote other words. Decisions use the names of errors only',
    unchecked: 'most need a policy of another account or a broken key, and the others decide nothing',
  },
  'aws-condition-keys': {
    behaviour:
      '`aws:SourceArn` in the policy of the function is the ARN of the secret. RotateSecret without a function or rules lacks the condition key of each.',
    evidence: ASSUMED,
    ifFalse: 'RotateSecret is refused, with the name of the permission',
    unchecked: 'only other policies of the function and of the caller show them',
  },
  'aws-write-decrypts': {
    behaviour:
      'The `kms:Decrypt` of a write names the new version. Only identity policies decide about an unknown key.',
    evidence: ASSUMED,
    ifFalse: 'a key policy that names versions refuses the write (SECRETS_MANAGER_DENIED)',
    unchecked: 'only another policy of a key shows it, or CloudTrail among every Decrypt of the account',
  },
  'aws-topic-policy': {
    behaviour:
      'The default policy of a topic allows alarms, not rules. A rule needs a role for a topic of another account.',
    evidence: ASSUMED,
    ifFalse: 'a statement or role of the stack is not needed',
    unchecked: 'only an event that a topic of another policy gets shows it',
  },
};
