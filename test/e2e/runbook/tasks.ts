import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { newUserWithSecret } from '../../support/deployed-rotation.ts';
import { DeployedStack } from '../../support/deployed-stack.ts';
import { canLogIn, documentOf, newClusterUser, servers } from '../../support/servers.ts';
import { ROTATE, type Scenario, type Situation, type Values } from './scenario.ts';

const ROTATE_WITHOUT_GAP =
  'aws secretsmanager rotate-secret --secret-id SECRET --client-request-token without-gap-$(uuidgen)';
const INIT = { command: 'npx zilliz-rotation init SECRET --endpoint URL --username USER' };
const DEPLOY = 'npx cdk deploy';

export const HEALTHY: readonly Scenario[] = [
  {
    entry: 'Start here',
    state: 'nothing is wrong',
    steps: [{ command: 'npx zilliz-rotation status SECRET' }, { command: 'npx zilliz-rotation doctor SECRET' }],
  },
];

export const LEAK: readonly Scenario[] = [
  {
    entry: 'A credential leaked',
    state: 'a single user',
    steps: [ROTATE, { command: 'npx zilliz-rotation status SECRET', prints: ['accepted'] }],
    over: async ({ user }) => expect(await canLogIn(user)).toBe(false),
  },
  {
    entry: 'A credential leaked',
    state: 'two users that take turns',
    cause: async ({ secret }) => ({ PREFIX: secret.name }),
    prepare: async () => {
      const { user, secret } = await newUserWithSecret('tls');
      const second = await newClusterUser('tls');
      await secret.storeOtherUser(documentOf(second));
      const usernames = [user.username, second.username];
      return {
        user,
        secret,
        entry: { name: secret.name, strategy: 'alternating-users', endpoint: user.endpoint.url, usernames },
      };
    },
    steps: [
      { command: ROTATE_WITHOUT_GAP, before: newUuid },
      { command: ROTATE_WITHOUT_GAP, before: newUuid },
      {
        command: 'npx zilliz-rotation rotate SECRET --both-users',
        before: async ({ secret, user }) => {
          await secret.until();
          expect(await canLogIn(user)).toBe(false);
        },
        typed: () => [['Rotate 1 secret now? [y/N]', 'y\r']],
      },
      { command: 'npx zilliz-rotation status SECRET', prints: ['accepted', 'rejected'] },
      {
        command: 'npx zilliz-rotation rotate --prefix PREFIX --both-users',
        before: async ({ secret }) => {
          await secret.until();
          return undefined;
        },
        typed: () => [['Rotate 1 secret now? [y/N]', 'y\r']],
        prints: ['both users'],
      },
    ],
  },
];

export const MANY: readonly Scenario[] = [
  {
    entry: 'Rotate many secrets',
    state: 'a command that was killed at its end',
    cause: async ({ secret }) => ({ PREFIX: secret.name, START: new Date().toISOString().replace(/\.\d+/, '') }),
    steps: [
      {
        command: 'npx zilliz-rotation rotate --prefix PREFIX',
        typed: () => [['Rotate 1 secret now? [y/N]', 'y\r']],
        prints: ['rotate 1 secret', '1 rotated'],
      },
      {
        command: 'npx zilliz-rotation rotate --prefix PREFIX --older-than START',
        prints: ['Nothing was started'],
      },
    ],
    over: async ({ user }) => expect(await canLogIn(user)).toBe(false),
  },
];

export const ONBOARDING: readonly Scenario[] = [
  {
    entry: 'A user must be rotated',
    state: 'its credential is in a secret',
    prepare: async () => ({ ...(await newUserWithSecret('tls')), ownStack: new DeployedStack() }),
    cause: async ({ user: { endpoint, username } }) => ({ URL: endpoint.url, USER: username }),
    steps: [
      { ...INIT, prints: ['- name: SECRET'] },
      {
        command: DEPLOY,
        before: async ({ stack, secret, user: { endpoint, username } }) => {
          stack.entries = [{ name: secret.name, endpoint: endpoint.url, username }];
        },
      },
      ROTATE,
      { command: 'npx zilliz-rotation doctor SECRET' },
    ],
  },
];

export const AUDIT: readonly Scenario[] = [
  {
    entry: 'An auditor asks for evidence',
    state: 'after a rotation',
    cause: async ({ secret }) => {
      await secret.rotate();
      const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
      const folder = mkdtempSync(join(servers().access.stateDir, 'audit-'));
      return { PREFIX: secret.name, START: day(-1), END: day(1), FILE: join(folder, 'evidence.html') };
    },
    steps: [
      { command: 'npx zilliz-rotation report --prefix PREFIX --since START --until END --output FILE' },
      { command: 'npx zilliz-rotation history SECRET --since START --until END', prints: ['SECRET: ', 'succeeded'] },
    ],
    over: async ({ secret, values }) => {
      expect(readFileSync(values['FILE'] ?? '', 'utf8')).toContain(secret.name);
    },
  },
];

async function newUuid({ secret }: Situation): Promise<Values> {
  await secret.until();
  return { '$(uuidgen)': randomUUID() };
}
