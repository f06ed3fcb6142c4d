import { expect } from 'vitest';
import type { LeastPrivilegeWorld } from './least-privilege-world.ts';
import { abandonRotation, bringInto, rotate, rotateFrom, type SecretState } from './secret-states.ts';
import {
  changeReadOnlySecrets,
  checkForOverdue,
  overdueCheckByItsRule,
  publishWithoutTls,
  raiseAlarm,
  rotateAsPipeline,
  rotateKey,
} from './statement-attempts.ts';

/** An attempt whose result differs without each action of a deployed statement. */
export interface Proof {
  /** Owner of the policy, effect and principal. With the actions, it names the statement. */
  readonly statement: string;
  readonly attempt: (world: LeastPrivilegeWorld, messages: () => Promise<readonly string[]>) => Promise<unknown>;
  readonly with: unknown;
  /** By the action that the statement lacks. */
  readonly without: Readonly<Record<string, unknown>>;
}

const ROLE = 'RotationFunctionRole allows';
const ALLOWED = { describe: 'allowed', read: 'allowed', rotate: 'allowed' };
const OVERDUE_CHECK_ROLE = 'AlarmsOverdueCheckRole allows';

const EVENT_NOT_SENT = {
  code: 'EVENT_NOT_SENT',
  message: expect.stringContaining('AccessDenied') as unknown,
};

/** The proofs of all deployed statements. A missing proof or an extra proof fails the test. */
export const PROOFS: readonly Proof[] = [
  {
    statement: ROLE,
    attempt: async (world) => {
      await bringInto(world, 'current');
      return (await rotate(world)).length > 0;
    },
    with: true,
    without: { 'logs:CreateLogStream': false, 'logs:PutLogEvents': false },
  },
  {
    statement: ROLE,
    attempt: from('unlabelled'),
    with: 'rotated',
    without: Object.fromEntries(
      ['DescribeSecret', 'GetSecretValue', 'ListSecretVersionIds', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
        (action) => [`secretsmanager:${action}`, denied(action)],
      ),
    ),
  },
  {
    statement: ROLE,
    attempt: from('current'),
    with: 'rotated',
    without: { 'kms:Decrypt': denied('GetSecretValue'), 'kms:GenerateDataKey': denied('PutSecretValue') },
  },
  {
    statement: `${ROLE} pins:`,
    attempt: from('current'),
    with: 'rotated',
    without: {
      'secretsmanager:GetSecretValue': {
        code: 'PINS_UNREADABLE',
        message: expect.stringContaining('AccessDenied') as unknown,
      },
    },
  },
  // The admin secret and the manager secret.
  {
    statement: ROLE,
    attempt: async (world) => [await rotateFrom(world, 'lost'), await rotateKey(world)],
    with: ['reset', 'rotated'],
    without: { 'secretsmanager:GetSecretValue': [denied('GetSecretValue'), denied('GetSecretValue')] },
  },
  {
    statement: ROLE,
    attempt: from('lost'),
    with: 'reset',
    without: { 'kms:Decrypt': denied('GetSecretValue') },
  },
  {
    statement: `${ROLE} manager:`,
    attempt: rotateKey,
    with: 'rotated',
    without: { 'kms:Decrypt': denied('GetSecretValue') },
  },
  {
    statement: ROLE,
    attempt: async (world) => [await rotateFrom(world, 'current'), await rotateKey(world)],
    with: ['rotated', 'rotated'],
    without: { 'events:PutEvents': [EVENT_NOT_SENT, EVENT_NOT_SENT] },
  },
  {
    statement: 'RotationFunctionRole denies',
    attempt: changeReadOnlySecrets,
    with: ['denied', 'denied', 'denied', 'denied'],
    without: {
      // Without the key, the role still cannot encrypt a new value.
      'secretsmanager:PutSecretValue': ['denied by the key', 'denied', 'denied by the key', 'denied'],
      'secretsmanager:UpdateSecretVersionStage': ['denied', 'allowed', 'denied', 'allowed'],
    },
  },
  // The role that may rotate.
  ...[
    { 'secretsmanager:RotateSecret': { rotate: 'denied' } },
    { 'secretsmanager:DescribeSecret': { describe: 'denied' }, 'secretsmanager:GetSecretValue': { read: 'denied' } },
    { 'lambda:InvokeFunction': { rotate: 'denied' } },
    { 'kms:Decrypt': { read: 'denied' } },
  ].map((without) => ({
    statement: 'Pipeline allows',
    attempt: rotateAsPipeline,
    with: ALLOWED,
    without: Object.fromEntries(Object.entries(without).map(([action, result]) => [action, { ...ALLOWED, ...result }])),
  })),
  {
    statement: 'RotationFunction allows secretsmanager.amazonaws.com',
    attempt: (world) => rotateFrom(world, 'current').catch((error: Error) => error.message),
    with: 'rotated',
    without: {
      'lambda:InvokeFunction': expect.stringContaining('Secrets Manager cannot invoke the specified Lambda function'),
    },
  },
  {
    statement: OVERDUE_CHECK_ROLE,
    attempt: async (world) => {
      const before = (await world.logOf(world.overdueCheckArn)).length;
      await checkForOverdue(world);
      return (await world.logOf(world.overdueCheckArn)).length > before;
    },
    with: true,
    without: { 'logs:CreateLogStream': false, 'logs:PutLogEvents': false },
  },
  {
    statement: OVERDUE_CHECK_ROLE,
    attempt: checkForOverdue,
    with: 'nothing is overdue',
    without: {
      'secretsmanager:ListSecrets': expect.stringContaining('not authorized to perform: secretsmanager:ListSecrets'),
    },
  },
  {
    statement: 'AlarmsOverdueCheckFunction allows events.amazonaws.com',
    attempt: overdueCheckByItsRule,
    with: 'by the rule',
    without: { 'lambda:InvokeFunction': 'not by the rule' },
  },
  {
    statement: 'AlarmsTopic denies',
    attempt: publishWithoutTls,
    with: expect.stringContaining('not authorized'),
    without: { 'sns:Publish': 'published' },
  },
  {
    statement: 'AlarmsTopic allows cloudwatch.amazonaws.com',
    attempt: raiseAlarm,
    with: ['ALARM'],
    without: { 'sns:Publish': [] },
  },
  {
    statement: 'AlarmsTopic allows events.amazonaws.com',
    attempt: async (world, messages) => {
      await messages();
      await abandonRotation(world);
      return (await messages()).filter((text) => text.includes('RotationAbandoned: ')).length;
    },
    with: 1,
    without: { 'sns:Publish': 0 },
  },
];

/** The failure if the function may not call this action, or not use the key for the action. */
function denied(action: string): unknown {
  const message = expect.stringContaining(`${action} failed with AccessDeniedException`);
  return { code: 'SECRETS_MANAGER_DENIED', message };
}

function from(state: SecretState): Proof['attempt'] {
  return (world) => rotateFrom(world, state);
}
