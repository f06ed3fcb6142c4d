import { Lambda } from '@aws-sdk/client-lambda';
import { expect } from 'vitest';
import { newUserWithSecret } from '../../support/deployed-rotation.ts';
import { DeployedStack } from '../../support/deployed-stack.ts';
import { awsOptions, changePasswordOutside, documentOf, newPassword, secretsManager } from '../../support/servers.ts';
import { runCommand } from '../support/operator-command.ts';
import {
  ROTATE,
  RULES,
  type Scenario,
  type Situation,
  STATUS,
  type Subject,
  settled,
  type Values,
  YES,
} from './scenario.ts';

const REMOVE_LABEL =
  'aws secretsmanager update-secret-version-stage --secret-id SECRET --version-stage LABEL --remove-from-version-id VERSION';
const REPAIR = { command: 'npx zilliz-rotation repair SECRET', typed: () => [YES] };

export const BLOCKED: readonly Scenario[] = [
  {
    entry: 'Unblock a secret',
    state: 'AWSPENDING is on the accepted version',
    cause: async (situation) => {
      const { VERSION = '', password = '' } = await leavePending(situation);
      await changePasswordOutside(situation.user, password);
      return { VERSION };
    },
    steps: [REPAIR, ROTATE],
  },
  {
    entry: 'Unblock a secret',
    state: 'without the command',
    cause: async (situation) => {
      const { VERSION = '' } = await leavePending(situation);
      return { VERSION, before: (await situation.secret.labels())['AWSCURRENT'] ?? '' };
    },
    steps: [
      {
        command:
          'aws secretsmanager update-secret-version-stage --secret-id SECRET --version-stage AWSPENDING --remove-from-version-id VERSION',
      },
      { command: 'aws secretsmanager rotate-secret --secret-id SECRET' },
    ],
    over: async ({ secret, values }) => {
      await secret.until();
      expect((await secret.labels())['AWSCURRENT']).not.toBe(values['before']);
    },
  },
];

export const OFF: readonly Scenario[] = [
  {
    entry: 'Rotation is off',
    state: 'somebody cancelled a rotation after setSecret',
    prepare: withOwnStack,
    cause: async (situation) => {
      const { secret, user, stack } = situation;
      const { password = '' } = await leavePending(situation);
      await changePasswordOutside(user, password);
      await secret.cancelRotation();
      await stack.deploy();
      return { ARN: stack.functionArn, RULES };
    },
    steps: [
      { ...STATUS, prints: ['(rotation-cancelled)', '(rotation-off)', 'repair SECRET'] },
      REPAIR,
      {
        command:
          'aws secretsmanager rotate-secret --secret-id SECRET --no-rotate-immediately --rotation-lambda-arn ARN --rotation-rules RULES',
      },
      { ...ROTATE, before: settled },
    ],
    over: async ({ secret, stack: { functionArn } }) => {
      const { rotation } = JSON.parse((await runCommand('status', secret.name, '--json')).out).secrets[0];
      expect(rotation).toMatchObject({ enabled: true, functionArn, schedule: 'rate(30 days)' });
    },
  },
];

export const LABELS: readonly Scenario[] = [
  {
    entry: 'No label is free',
    state: 'a person used 17 labels',
    cause: async ({ secret }) => {
      const { AWSCURRENT: VERSION = '' } = await secret.labels();
      const free = 20 - 3 - Object.keys(await secret.labels()).filter((label) => !label.startsWith('AWS')).length;
      for (let index = 1; index <= free; index++) {
        await secretsManager().updateSecretVersionStage({
          SecretId: secret.name,
          VersionStage: `release-${index}`,
          MoveToVersionId: VERSION,
        });
      }
      return { VERSION };
    },
    steps: [
      { ...REPAIR, exitCode: 3, prints: ['(labels-full)', 'Remove one of your own labels'] },
      { command: REMOVE_LABEL, before: async () => ({ LABEL: 'release-1' }) },
      ROTATE,
    ],
  },
];

export const FUNCTION: readonly Scenario[] = [
  {
    entry: 'Secrets Manager may not invoke the function',
    state: 'somebody removed the permission',
    prepare: withOwnStack,
    cause: async ({ stack: { functionArn: FunctionName } }) => {
      const lambda = new Lambda(awsOptions());
      const { Policy = '{}' } = await lambda.getPolicy({ FunctionName });
      for (const { Sid } of (JSON.parse(Policy) as { Statement: Array<{ Sid: string }> }).Statement) {
        await lambda.removePermission({ FunctionName, StatementId: Sid });
      }
      return { ARN: FunctionName, ACCOUNT: FunctionName.split(':')[4] ?? '' };
    },
    steps: [
      { ...STATUS, prints: ['(function-not-invocable)'] },
      {
        command:
          'aws lambda add-permission --function-name ARN --statement-id SecretsManager --action lambda:InvokeFunction --principal secretsmanager.amazonaws.com --source-account ACCOUNT',
      },
      ROTATE,
    ],
  },
  {
    entry: 'The rotation function is gone',
    state: 'somebody deleted the function, and a rotation is incomplete',
    prepare: withOwnStack,
    cause: async (situation) => {
      const { secret, stack } = situation;
      await leavePending(situation);
      await new Lambda(awsOptions()).deleteFunction({ FunctionName: stack.functionArn });
      await stack.deploy();
      const { code, out } = await runCommand('status', secret.name);
      const text = out.replaceAll(/\s+/g, ' ');
      expect([code, text]).toEqual([3, expect.stringContaining('(function-absent)')]);
      expect(text).toContain('`npx cdk destroy`, then deploy it again with `npx cdk deploy`');
    },
    steps: [
      { ...REPAIR, exitCode: 3, prints: ['(function-absent)'] },
      { command: 'npx cdk destroy' },
      { command: 'npx cdk deploy' },
      ROTATE,
    ],
  },
];

/** The scenario deploys, or changes the function. */
async function withOwnStack(): Promise<Subject> {
  const subject = await newUserWithSecret('tls');
  const ownStack = new DeployedStack([{ name: subject.secret.name }]);
  await ownStack.deploy();
  await subject.secret.setRetries(0);
  return { ...subject, ownStack };
}

/** A rotation that stopped after createSecret. */
async function leavePending({ secret, user }: Situation): Promise<Values> {
  const password = newPassword();
  return { password, VERSION: await secret.store(documentOf({ ...user, password }), 'AWSPENDING') };
}
