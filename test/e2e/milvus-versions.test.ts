import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LOOPBACK } from '../../local/cloud/access.ts';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import { takesTurns } from '../../local/cloud/takes-turns.ts';
import { TESTS_BIN } from '../../local/project.ts';
import type { ChangeStatus } from '../../local/servers/milvus-messages.ts';
import { parseEndpoint, type Transport } from '../../protocol/cluster/endpoint.ts';
import {
  type Pins,
  pinsOfUsers,
  USER_STRATEGY_NAMES,
  type UserStrategyName,
} from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, AWSPENDING } from '../../protocol/secret/versions.ts';
import { DRIVEN_CLIENTS } from '../conformance/clients.ts';
import { createRotationFunction } from '../support/deployed-function.ts';
import { canLogIn, servers, uniqueName } from '../support/servers.ts';
import { CONSUMERS, moreAnswers, start } from './support/consumer-process.ts';
import { LATE_LOGINS, MilvusFront } from './support/milvus-front.ts';

/** ASSUMPTION milvus-error-after-change */
const NOT_SENT: ChangeStatus = {
  error_code: 30,
  code: 65_535,
  reason: 'UpdateCredentialCache failed, proxyID = 7, err = context deadline exceeded',
};
/** Over REST, HTTP 408 in the words of the version. */
const TIMED_OUT: ChangeStatus = {
  error_code: 30,
  code: 10_001,
  reason: 'failed to broadcast: context deadline exceeded',
};

/** How each version answers a change, and what a rotation of each strategy meets. */
const CHANGE_ANSWERS: Readonly<Record<'2.4' | '2.5' | '2.6', Readonly<Record<UserStrategyName, ChangeStatus>>>> = {
  '2.4': { 'single-user': NOT_SENT, 'alternating-users': TIMED_OUT },
  '2.5': { 'single-user': NOT_SENT, 'alternating-users': TIMED_OUT },
  '2.6': { 'single-user': TIMED_OUT, 'alternating-users': TIMED_OUT },
};

type Version = keyof typeof CHANGE_ANSWERS;

const VERSIONS = Object.keys(CHANGE_ANSWERS) as Version[];
const TRANSPORTS = ['grpc', 'rest'] as const;

const CASES = VERSIONS.flatMap((version) =>
  TRANSPORTS.flatMap((transport) =>
    USER_STRATEGY_NAMES.map((strategy): [Version, Transport, UserStrategyName] => [version, transport, strategy]),
  ),
);

/** A secret whose cluster is a front. */
interface Played {
  readonly front: MilvusFront;
  readonly secret: CloudSecret;
  readonly target: Pins;
}

const played = new Map<string, Played>();

function playedAt(...key: readonly string[]): Played {
  return played.get(key.join()) ?? expect.fail(`No secret for ${key.join()}`);
}

async function play(version: Version, transport: Transport, strategy: UserStrategyName): Promise<Played> {
  const front = await MilvusFront.start(version, transport);
  const secret = new CloudSecret(servers().access, uniqueName('zilliz/version'));
  const usernames = [uniqueName('first'), ...(takesTurns(strategy) ? [uniqueName('second')] : [])];
  const { endpoint } = front;
  await secret.createWithUsers(servers().access.milvus.plaintext, usernames, { endpoint, roles: ['admin'] });
  return { front, secret, target: { endpoint, strategy, ...pinsOfUsers(usernames) } };
}

beforeAll(async () => {
  await Promise.all(
    TRANSPORTS.map(async (transport) => {
      for (const [version, of, strategy] of CASES) {
        if (of === transport) {
          played.set([version, transport, strategy].join(), await play(version, transport, strategy));
        }
      }
      played.set(['coordinator', transport].join(), await play('2.6', transport, 'single-user'));
      const ofTransport = [...played].filter(([key]) => key.includes(transport)).map(([, one]) => one);
      const targets = Object.fromEntries(ofTransport.map(({ secret, target }) => [secret.name, target]));
      const environment = { CLUSTER_TRANSPORT: transport };
      const arn = await createRotationFunction(uniqueName(`versions-${transport}`), targets, environment);
      await Promise.all(ofTransport.map(({ secret }) => secret.configureRotation(arn)));
    }),
  );
});

afterAll(async () => {
  for (const { front } of played.values()) {
    await front.stop();
  }
});

/** Whether the real Milvus accepts the password in AWSCURRENT. */
async function isAccepted({ secret }: Played): Promise<boolean> {
  const endpoint = parseEndpoint(servers().access.milvus.plaintext.endpoint, LOOPBACK);
  return await canLogIn({ ...(await secret.credential()), endpoint });
}

describe('a rotation by the deployed function', () => {
  it.concurrent.each(CASES)('succeeds on Milvus %s over %s with %s', async (version, transport, strategy) => {
    const one = playedAt(version, transport, strategy);
    one.front.changeAnswer = CHANGE_ANSWERS[version][strategy];
    await one.secret.setRetries(0);
    const token = await one.secret.rotate();
    expect((await one.secret.labels())[AWSCURRENT]).toBe(token);
    expect(await isAccepted(one)).toBe(true);
    expect(one.front.changes).toBe(1);
    expect(one.front.refusedLogins).toHaveLength(LATE_LOGINS);
  });

  it.concurrent.each(TRANSPORTS)('changes nothing over %s without the coordinator of the proxy', async (transport) => {
    const one = playedAt('coordinator', transport);
    const { front, secret } = one;
    front.coordinatorIsAway = true;
    await secret.setRetries(0);
    const token = await secret.rotate();
    expect([front.changes, (await secret.labels())[AWSPENDING]]).toEqual([0, token]);

    // The next attempt loses the coordinator between its login and its change.
    front.coordinatorIsAway = false;
    front.losesCoordinator = true;
    await secret.attempt();
    expect([front.changes, (await secret.labels())[AWSPENDING]]).toEqual([0, token]);
    expect(front.losesCoordinator).toBe(false);

    front.coordinatorIsAway = false;
    await secret.attempt();
    expect([front.changes, (await secret.labels())[AWSCURRENT]]).toEqual([1, token]);
    expect(await isAccepted(one)).toBe(true);
  });
});

it('no call of the clients fails through a late change and without the coordinator', async () => {
  const { front, secret } = playedAt('2.6', 'grpc', 'single-user');
  const python = { command: join(TESTS_BIN, 'python'), args: [join(CONSUMERS, 'consumer.py')], callsAtOnce: 3 };
  const node = DRIVEN_CLIENTS.find(([name]) => name === 'node')?.[1] ?? expect.fail('No driver for Node');
  const consumers = [node, python].map((client) => start(client, secret.name, '', onTestFinished));
  await Promise.all(consumers.map(moreAnswers));
  front.changeAnswer = TIMED_OUT;
  await secret.rotate();
  await Promise.all(consumers.map(moreAnswers));
  front.refusedLogins = [];
  front.coordinatorIsAway = true;
  // The client for Node, and both clients for Python.
  await expect.poll(() => new Set(front.refusedLogins).size, { timeout: 60_000 }).toBe(3);
  front.coordinatorIsAway = false;
  await Promise.all(consumers.map(moreAnswers));
  expect(consumers.flatMap(({ failures }) => failures)).toEqual([]);
});
