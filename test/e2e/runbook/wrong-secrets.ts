import { ENDPOINT_TAG } from '../../../protocol/secret/document.ts';
import { newSecret } from '../../support/deployed-rotation.ts';
import { documentOf, newClusterUser, secretsManager } from '../../support/servers.ts';
import {
  ROTATE,
  RULES,
  type Scenario,
  type Situation,
  STATUS,
  settled,
  typedPassword,
  type Values,
  YES,
} from './scenario.ts';

const STORE = 'aws secretsmanager put-secret-value --secret-id SECRET --secret-string file:///dev/stdin';
const RESTORE = { command: 'npx zilliz-rotation repair SECRET --version VERSION', typed: () => [YES] };

export const WRONG_VALUE: readonly Scenario[] = [
  {
    entry: 'A wrong value was stored',
    state: 'the value is no credential',
    cause: async ({ secret }) => {
      const { AWSCURRENT: VERSION = '' } = await secret.labels();
      await secret.store('no credential');
      return { VERSION };
    },
    steps: [{ ...STATUS, prints: ['(unusable-secret)', 'repair SECRET --version VERSION'] }, RESTORE, ROTATE],
  },
  {
    entry: 'A wrong value was stored',
    state: 'the value before it is wrong too',
    cause: async ({ secret, user }) => {
      await secret.store('no credential');
      await secret.store(documentOf(user).slice(0, -1));
    },
    steps: [
      { ...STATUS, prints: ['(unusable-secret)'] },
      { command: STORE, files: ({ user }) => ({ '/dev/stdin': documentOf(user) }) },
      ROTATE,
    ],
  },
];

export const TWO_SECRETS: readonly Scenario[] = [
  {
    entry: 'Two secrets for one user',
    state: 'a leak, and a user of its own for the other secret',
    cause: copySecret,
    steps: [
      ROTATE,
      {
        command: 'npx zilliz-rotation status SECRET OTHER',
        before: settled,
        exitCode: 3,
        prints: ['hold the same user', 'accepted AWSCURRENT'],
      },
      {
        command: 'aws secretsmanager put-secret-value --secret-id OTHER --secret-string file:///dev/stdin',
        before: async () => ({ CREDENTIAL: documentOf(await newClusterUser('tls')) }),
        files: ({ values }) => ({ '/dev/stdin': values['CREDENTIAL'] ?? '' }),
      },
      ROTATE,
      { command: 'npx zilliz-rotation status SECRET OTHER' },
    ],
  },
  {
    entry: 'Two secrets for one user',
    state: 'one secret for all applications',
    cause: copySecret,
    steps: [{ command: 'aws secretsmanager delete-secret --secret-id OTHER --recovery-window-in-days 7' }, ROTATE],
  },
];

export const DELETED: readonly Scenario[] = [
  {
    entry: 'The secret was deleted',
    state: 'within the recovery window',
    cause: async ({ secret }) => {
      await secretsManager().deleteSecret({ SecretId: secret.name, RecoveryWindowInDays: 7 });
    },
    steps: [{ command: 'aws secretsmanager restore-secret --secret-id SECRET' }, ROTATE],
  },
  {
    entry: 'The secret was deleted',
    state: 'after the recovery window',
    cause: async ({ secret, user, stack }) => {
      await secretsManager().deleteSecret({ SecretId: secret.name, ForceDeleteWithoutRecovery: true });
      const { endpoint, username, password } = user;
      return { URL: endpoint.url, USER: username, PASSWORD: password, ARN: stack.functionArn, RULES };
    },
    steps: [
      { command: 'npx zilliz-rotation init SECRET --endpoint URL --username USER', typed: typedPassword },
      {
        command:
          'aws secretsmanager rotate-secret --secret-id SECRET --no-rotate-immediately --rotation-lambda-arn ARN --rotation-rules RULES',
      },
      { ...ROTATE, before: settled },
    ],
  },
];

/** Another secret with the same user. */
async function copySecret({ user }: Situation): Promise<Values> {
  const { name: OTHER } = await newSecret(documentOf(user), { [ENDPOINT_TAG]: user.endpoint.url });
  return { OTHER };
}
