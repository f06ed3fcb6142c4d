import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import type { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import { TESTS_BIN } from '../../local/project.ts';
import { logInWithToken } from '../../local/servers/milvus-client.ts';
import { DRIVEN_CLIENTS } from '../conformance/clients.ts';
import { newAdminSecret, newSecret, passwordsOf } from '../support/deployed-rotation.ts';
import { DeployedStack, scheduleRotation } from '../support/deployed-stack.ts';
import { deployKeySecret } from '../support/key-secret.ts';
import { leakedForms } from '../support/password-forms.ts';
import {
  changePasswordOutside,
  documentOf,
  newClusterUser,
  newPassword,
  restEndpoint,
  servers,
  uniqueName,
} from '../support/servers.ts';
import { CONSUMERS, type Consumer, moreAnswers, start } from './support/consumer-process.ts';
import { runCommand } from './support/operator-command.ts';

/** How to start an application with a client. */
interface Client {
  readonly name: string;
  readonly transport: 'grpc' | 'rest';
  readonly command: string;
  readonly args: readonly string[];
  readonly callsAtOnce: number;
  /** What the application prints if the cluster accepts no stored version. */
  readonly refusal: string;
  /** Why the tests are skipped, for their titles. Empty: they run. */
  readonly skipped: string;
}

/** The drivers of the conformance suite, without the client that has a program of its own here. */
const DRIVERS: readonly Client[] = DRIVEN_CLIENTS.filter(([name]) => name !== 'python').map(([name, driver]) => ({
  name,
  ...driver,
  refusal: 'failed refused',
}));

const CLIENTS: readonly Client[] = [
  ...DRIVERS,
  {
    name: 'python',
    transport: 'grpc',
    command: join(TESTS_BIN, 'python'),
    args: [join(CONSUMERS, 'consumer.py')],
    callsAtOnce: 3,
    refusal: 'auth check failure',
    skipped: '',
  },
];

/** Programs that build their own client of pymilvus. */
const STORES: readonly Client[] = [
  { name: 'langchain', bin: TESTS_BIN },
  { name: 'llama_index', bin: join(TESTS_BIN, '..', 'pymilvus-2.6', 'bin') },
].map(({ name, bin }) => ({
  name,
  transport: 'grpc',
  command: join(bin, 'python'),
  args: [join(CONSUMERS, 'vector_store.py'), name],
  callsAtOnce: 1,
  refusal: 'failed',
  skipped: '',
}));

const EVERY = [...CLIENTS, ...STORES];

/** All clients of a transport follow the same rotations of one secret. */
const TRANSPORTS = [...new Set(EVERY.map(({ transport }) => transport))].map((transport) => {
  const clients = EVERY.filter((client) => client.transport === transport && client.skipped === '');
  return { transport, clients, names: clients.map(({ name }) => name).join(', ') };
});

for (const { name, skipped } of EVERY) {
  it.skipIf(skipped)(`${name} is one of the clients below${skipped}`, () => {
    expect(TRANSPORTS.flatMap(({ clients }) => clients.map((client) => client.name))).toContain(name);
  });
}

function failuresOf(consumers: readonly Consumer[]): readonly string[] {
  return consumers.flatMap(({ failures }) => failures);
}

async function leaksOf(consumers: readonly Consumer[], secret: CloudSecret): Promise<readonly string[]> {
  const passwords = await passwordsOf(secret);
  return consumers.flatMap(({ output }) => leakedForms(output, passwords));
}

it.each(TRANSPORTS)('$names: no call fails while a stored password is accepted', async ({ transport, clients }) => {
  const user = await newClusterUser('tls', ['admin']);
  const at = transport === 'grpc' ? user : { ...user, endpoint: restEndpoint('tls') };
  const secret = await newSecret(documentOf(at));
  await scheduleRotation([secret], transport);
  const consumers = clients.map((client) => start(client, secret.name, servers().access.caFile, onTestFinished));
  await Promise.all(consumers.map(moreAnswers));
  for (let rotation = 1; rotation <= 2; rotation += 1) {
    await secret.rotate();
    await Promise.all(consumers.map(moreAnswers));
  }
  // The cluster accepts AWSPENDING only.
  const password = newPassword();
  await secret.store(documentOf({ ...at, password }), 'AWSPENDING');
  await changePasswordOutside({ ...user, password: await secret.password() }, password);
  await Promise.all(consumers.map(moreAnswers));
  expect(failuresOf(consumers)).toEqual([]);

  const unknown = await changePasswordOutside({ ...user, password });
  const isRefused = (consumer: Consumer): boolean => consumer.failures.length > 0;
  await vi.waitFor(() => expect(consumers.every(isRefused)).toBe(true), { timeout: 150_000 });
  for (const [index, { output }] of consumers.entries()) {
    expect(output).toContain(clients[index]?.refusal);
  }

  // The same processes work again after a repair.
  await secret.store(documentOf({ ...at, password: unknown }));
  await Promise.all(consumers.map(moreAnswers));
  expect(await leaksOf(consumers, secret)).toEqual([]);
});

it('every client has no failed call through rotations of two users that take turns', async () => {
  const { access } = servers();
  const first = await newClusterUser('tls', ['admin']);
  const second = uniqueName('second');
  const secret = await newSecret(documentOf(first));
  const init = ['init', secret.name, '--strategy', 'alternating-users', '--users', `${first.username},${second}`];
  const { code, out } = await runCommand(...init, '--admin-secret', await newAdminSecret('tls'), '--yes');
  expect(code, out).toBe(0);
  const usernames = [first.username, second];
  const stack = new DeployedStack([
    { name: secret.name, endpoint: first.endpoint.url, strategy: 'alternating-users', usernames },
  ]);
  await stack.deploy();
  // REST cannot be reached at the endpoint of this secret.
  const consumers = EVERY.filter(({ transport, skipped }) => transport === 'grpc' && skipped === '').map((client) =>
    start(client, secret.name, access.caFile, onTestFinished),
  );
  await Promise.all(consumers.map(moreAnswers));
  // The second and the third rotation end a token that the applications have in memory.
  for (let rotation = 1; rotation <= 3; rotation += 1) {
    await secret.rotate(`without-gap-${randomUUID()}`);
    await Promise.all(consumers.map(moreAnswers));
  }
  expect(JSON.parse(await secret.value())).toMatchObject({ username: second });
  expect(failuresOf(consumers)).toEqual([]);
  expect(await leaksOf(consumers, secret)).toEqual([]);
});

it.each(TRANSPORTS)('$names: no call with an API key fails', async ({ transport, clients }) => {
  const keys = await startKeyCloud(servers().access.milvus.plaintext);
  const { secret, first } = await deployKeySecret(keys, { transport });
  onTestFinished(() => keys.close());
  const consumers = clients.map((client) => start(client, secret.name, '', onTestFinished));
  await Promise.all(consumers.map(moreAnswers));
  // The second rotation deletes the key that the applications have in memory.
  for (let rotation = 1; rotation <= 2; rotation += 1) {
    await secret.rotate();
    await Promise.all(consumers.map(moreAnswers));
  }
  expect(await logInWithToken({ endpoint: keys.endpoint }, first.key)).toBe('refused');
  expect(failuresOf(consumers)).toEqual([]);
  expect(await leaksOf(consumers, secret)).toEqual([]);
});
