import { expect } from 'vitest';
import { newUserWithSecret, secretNamed } from '../../support/deployed-rotation.ts';
import { DeployedStack } from '../../support/deployed-stack.ts';
import { newClusterUser, uniqueName } from '../../support/servers.ts';
import { ROTATE, type Scenario, typedPassword } from './scenario.ts';

const DEPLOY = 'npx cdk deploy';

export const FIRST_DEPLOYMENT: readonly Scenario[] = [
  {
    entry: 'The first deployment failed',
    state: 'a secret that the stack creates exists',
    prepare: async () => ({ ...(await newUserWithSecret('tls')), ownStack: new DeployedStack() }),
    cause: async ({ secret, user: { endpoint, username }, stack }) => {
      stack.entries = [{ create: secret.name, endpoint: endpoint.url, username }];
      await expect(stack.deploy()).rejects.toThrow('already exists');
    },
    steps: [
      {
        command: DEPLOY,
        before: async ({ secret, user: { endpoint, username }, stack }) => {
          stack.entries = [{ name: secret.name, endpoint: endpoint.url, username }];
        },
      },
      ROTATE,
    ],
  },
  {
    entry: 'The first deployment failed',
    state: 'a secret of the configuration does not exist',
    prepare: async () => {
      const [user, secret] = [await newClusterUser('tls'), secretNamed(uniqueName('zilliz/missing'))];
      return { user, secret, ownStack: new DeployedStack([{ name: secret.name }]) };
    },
    cause: async ({ user: { endpoint, username, password }, stack }) => {
      await expect(stack.deploy()).rejects.toThrow("can't find the specified secret");
      return { URL: endpoint.url, USER: username, PASSWORD: password };
    },
    steps: [
      { command: 'npx zilliz-rotation init SECRET --endpoint URL --username USER', typed: typedPassword },
      { command: DEPLOY },
      ROTATE,
    ],
  },
];
