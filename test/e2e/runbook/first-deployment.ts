import { expect } from 'vitest';
import { newUserWithSecret } from '../../support/deployed-rotation.ts';
import { newClusterUser, uniqueName } from '../../support/servers.ts';
import { OperatedStack } from './operated-stack.ts';
import { typedPassword } from './person.ts';
import type { Scenario } from './scenario.ts';

const ROTATE = { command: 'npx zilliz-rotation rotate SECRET' };
const DEPLOY = 'npx cdk deploy';

export const FIRST_DEPLOYMENT: readonly Scenario[] = [
  {
    entry: 'The first deployment failed',
    state: 'a secret that the stack creates exists',
    prepare: async () => ({ ...(await newUserWithSecret('tls')), entry: {}, ownStack: new OperatedStack() }),
    cause: async ({ secret, user: { endpoint, username }, stack }) => {
      stack.entries.push({ create: secret, endpoint: endpoint.url, username });
      await expect(stack.run('deploy')).rejects.toThrow('already exists');
    },
    steps: [
      {
        command: DEPLOY,
        before: async ({ secret, user: { endpoint, username }, stack }) => {
          stack.entries.splice(0, 1, { name: secret, endpoint: endpoint.url, username });
        },
      },
      ROTATE,
    ],
  },
  {
    entry: 'The first deployment failed',
    state: 'a secret of the configuration does not exist',
    prepare: async () => ({
      user: await newClusterUser('tls'),
      secret: uniqueName('zilliz/missing'),
      entry: {},
      ownStack: new OperatedStack(),
    }),
    cause: async ({ secret, user: { endpoint, username, password }, stack }) => {
      stack.entries.push({ name: secret });
      await expect(stack.run('deploy')).rejects.toThrow("can't find the specified secret");
      return { URL: endpoint.url, USER: username, PASSWORD: password };
    },
    steps: [
      { command: 'npx zilliz-rotation init SECRET --endpoint URL --username USER', typed: typedPassword },
      { command: DEPLOY },
      ROTATE,
    ],
  },
];
