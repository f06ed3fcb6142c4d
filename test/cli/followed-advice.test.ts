import { describe, expect, it } from 'vitest';
import { formatSecretTargets } from '../../secret/rotated-secrets.ts';
import type { Fixture } from './support/command-fixture.ts';
import { fixture, orders, useOrders } from './support/orders-fixture.ts';
import { addAdmin } from './support/repair-fixture.ts';
import { documentOf, documentOfUser, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from './support/rotations.ts';

useOrders();

interface Story {
  readonly cause: (fixture: Fixture) => void;
  readonly command: readonly string[];
  /** A part of the advice. */
  readonly advice: string;
  /** What the person does outside of the command. */
  readonly follow?: (fixture: Fixture) => void;
  /** The command that then ends with 0. Default: the same command. */
  readonly proof?: readonly string[];
}

const STATUS = ['status', 'orders'];
const ROTATE = ['rotate', 'orders'];
const INIT = ['init', 'orders', '--username', 'app', '--yes'];
const RESET = ['repair', 'orders', '--yes', '--admin-secret', 'zilliz-admin'];

const OTHER_HOST = 'milvus.example.com';

/** By the code of the finding or of the error. test/e2e/runbook follows further advice. */
const STORIES: Readonly<Record<string, Story>> = {
  'undecided (the host is not allowed)': {
    cause: ({ cluster }) => {
      Object.assign(cluster, { host: OTHER_HOST });
      orders.store.storeByHand('v2', documentOf(OLD_PASSWORD, { endpoint: `https://${OTHER_HOST}:19530` }));
    },
    command: STATUS,
    advice: '--allow-endpoint HOST',
    proof: [...STATUS, '--allow-endpoint', OTHER_HOST],
  },
  'undecided (the secret names no endpoint)': {
    cause: () => orders.store.storeByHand('v2', documentOf(OLD_PASSWORD, { endpoint: undefined })),
    command: STATUS,
    advice: '--endpoint URL',
    proof: [...STATUS, '--endpoint', ENDPOINT],
  },
  'stale-copies': {
    cause: () => orders.store.storeByHand('v2', documentOf(OLD_PASSWORD, { dsn: `password=${OLD_PASSWORD}` })),
    command: STATUS,
    advice: 'Remove the keys',
    follow: () => orders.store.storeByHand('v3', documentOf(OLD_PASSWORD)),
  },
  overdue: {
    cause: ({ clock }) => {
      orders.nextRotationAt = clock.now() - 1;
    },
    command: STATUS,
    advice: 'run `zilliz-rotation rotate orders`',
    proof: ROTATE,
  },
  'user-not-pinned (store the credential)': {
    cause: ({ aws, cluster }) => {
      aws.environment['SECRET_TARGETS'] = formatSecretTargets({ orders: { username: 'pinned' } });
      cluster.addUser('pinned', NEW_PASSWORD);
    },
    command: STATUS,
    advice: 'Store the credential of pinned in orders',
    follow: () => orders.store.storeByHand('v2', documentOfUser('pinned', NEW_PASSWORD)),
  },
  'user-not-pinned (correct the configuration)': {
    cause: ({ aws }) => {
      aws.environment['SECRET_TARGETS'] = formatSecretTargets({ orders: { username: 'pinned' } });
    },
    command: STATUS,
    advice: 'correct its entry in the configuration',
    follow: ({ aws }) => {
      aws.environment['SECRET_TARGETS'] = formatSecretTargets({ orders: { username: 'app' } });
    },
  },
  'rotate: --both-users for a single user': {
    cause: () => undefined,
    command: [...ROTATE, '--both-users'],
    advice: 'leave out --both-users',
    proof: ROTATE,
  },
  'rotate: not-configured': {
    cause: () => {
      orders.rotationFunctionArn = undefined;
    },
    command: ROTATE,
    advice: 'Add the secret to the configuration of the rotation stack, and deploy the stack',
    follow: ({ aws }) => {
      orders.rotationFunctionArn = aws.add('other', documentOfUser('other', NEW_PASSWORD)).rotationFunctionArn;
    },
  },
  'init: other-user': {
    cause: () => undefined,
    command: ['init', 'orders', '--username', 'other', '--yes'],
    advice: 'Ask for app',
    proof: INIT,
  },
  'init: other-endpoint': {
    cause: () => undefined,
    command: [...INIT, '--endpoint', 'https://other.zillizcloud.com:19530'],
    advice: 'Leave out --endpoint',
    proof: INIT,
  },
  'init: other-users-configured': {
    cause: ({ aws }) => {
      aws.environment['SECRET_TARGETS'] = formatSecretTargets({ orders: { username: 'pinned' } });
    },
    command: INIT,
    advice: 'first correct the entry in the configuration and deploy it',
    follow: ({ aws }) => {
      aws.environment['SECRET_TARGETS'] = formatSecretTargets({ orders: { username: 'app' } });
    },
  },
  'repair: consent-needed': {
    cause: () => {
      orders.store.storeByHand('v2', documentOf('Wrong!1'));
    },
    command: ['repair', 'orders'],
    advice: 'Repeat with --yes',
    proof: ['repair', 'orders', '--yes'],
  },
  'repair: old-password-needed (list the admin)': {
    cause: (made) => {
      losePassword(made);
      made.cluster.superUsers = [];
    },
    command: RESET,
    advice: 'list the admin there and repeat',
    follow: ({ cluster }) => {
      cluster.superUsers = ['root_admin'];
    },
  },
  'repair: old-password-needed (reset in the console)': {
    cause: (made) => {
      losePassword(made);
      made.cluster.superUsers = [];
    },
    command: RESET,
    advice: 'store it in the secret',
    follow: ({ cluster }) => {
      cluster.setByHand('app', 'Console!1');
      orders.store.storeByHand('v2', documentOf('Console!1'));
    },
    proof: STATUS,
  },
  'repair: unusable-admin-secret': {
    cause: (made) => {
      losePassword(made);
      made.aws.secret('zilliz-admin').store.storeByHand('v2', 'no credential');
    },
    command: RESET,
    advice: 'Correct the admin secret',
    follow: ({ aws }) => {
      const { store } = aws.secret('zilliz-admin');
      store.storeByHand('v3', store.valueOf('zilliz-admin-v1') ?? '');
    },
  },
};

function losePassword(made: Fixture): void {
  made.cluster.setByHand('app', 'Unknown!1');
  addAdmin(made);
  made.adminCluster.roles.set('app', []);
}

describe('the advice of the command leads to the end of the problem:', () => {
  it.each(Object.entries(STORIES))('%s', async (_, { cause, command, advice, follow, proof = command }) => {
    cause(fixture);
    const before = await fixture.run(command);
    expect(before.code, before.out + before.err).not.toBe(0);
    expect((before.out + before.err).replaceAll(/\s+/g, ' ')).toContain(advice);

    follow?.(fixture);
    const after = await fixture.run(proof);
    expect(after.code, after.out + after.err).toBe(0);
  });
});
