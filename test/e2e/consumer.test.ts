import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { deployKeySecret } from '../../bench/cloud/key-secret.ts';
import { startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import { TESTS_BIN } from '../../local/project.ts';
import { logIn } from '../../local/servers/milvus-client.ts';
import { DRIVEN_CLIENTS } from '../conformance/clients.ts';
import {
  currentPassword,
  currentValue,
  newAdminSecret,
  newSecret,
  passwordsOf,
  putValue,
  rotateToItsEnd,
} from '../support/deployed-rotation.ts';
import { DeployedStack, scheduleRotation } from '../support/deployed-stack.ts';
import type { AtEnd } from '../support/loopback.ts';
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
import { CONSUMERS, moreAnswers, start } from './support/consumer-process.ts';
import { runCommand } from './support/operator-command.ts';

/** How to start an application with a client. */
interface Client {
  readonly name: string;
  readonly transport: 'grpc' | 'rest';
  readonly command: string;
  readonly args: readonly string[];
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
    refusal: 'auth check failure',
    skipped: '',
  },
];

async function followOneUser(client: Client, atEnd: AtEnd): Promise<void> {
  const { transport, refusal } = client;
  const user = await newClusterUser('tls', ['admin']);
  const at = transport === 'grpc' ? user : { ...user, endpoint: restEndpoint('tls') };
  const secret = await newSecret(documentOf(at));
  await scheduleRotation([secret], transport);
  const consumer = start(client, secret, servers().access.caFile, atEnd);
  await moreAnswers(consumer);
  for (let rotation = 1; rotation <= 2; rotation += 1) {
    await rotateToItsEnd(secret);
    await moreAnswers(consumer);
  }
  // The cluster accepts AWSPENDING only.
  const password = newPassword();
  await putValue(secret, documentOf({ ...at, password }), ['AWSPENDING']);
  await changePasswordOutside({ ...user, password: await currentPassword(secret) }, { password });
  await moreAnswers(consumer);
  expect(consumer.failures).toEqual([]);

  const unknown = await changePasswordOutside({ ...user, password });
  await vi.waitFor(() => expect(consumer.failures).not.toEqual([]), { timeout: 150_000 });
  expect(consumer.output).toContain(refusal);

  // The same process works again after a repair.
  await putValue(secret, documentOf({ ...at, password: unknown }));
  await moreAnswers(consumer);
  expect(leakedForms(consumer.output, await passwordsOf(secret))).toEqual([]);
}

it('every client has no failed call through rotations of two users that take turns', async () => {
  const { access } = servers();
  const first = await newClusterUser('tls', ['admin']);
  const second = uniqueName('second');
  const secret = await newSecret(documentOf(first));
  const init = ['init', secret, '--strategy', 'alternating-users', '--users', `${first.username},${second}`];
  const { code, out } = await runCommand(...init, '--admin-secret', await newAdminSecret('tls'), '--yes');
  expect(code, out).toBe(0);
  const usernames = [first.username, second];
  const stack = new DeployedStack([
    { name: secret, endpoint: first.endpoint.url, strategy: 'alternating-users', usernames },
  ]);
  await stack.deploy();
  // REST cannot be reached at the endpoint of this secret.
  const consumers = CLIENTS.filter(({ transport, skipped }) => transport === 'grpc' && skipped === '').map((client) =>
    start(client, secret, access.caFile, onTestFinished),
  );
  await Promise.all(consumers.map(moreAnswers));
  // The second and the third rotation end a token that the applications have in memory.
  for (let rotation = 1; rotation <= 3; rotation += 1) {
    await rotateToItsEnd(secret, `without-gap-${randomUUID()}`);
    await Promise.all(consumers.map(moreAnswers));
  }
  expect(JSON.parse(await currentValue(secret))).toMatchObject({ username: second });
  expect(consumers.flatMap(({ failures }) => failures)).toEqual([]);
  const passwords = await passwordsOf(secret);
  expect(consumers.flatMap(({ output }) => leakedForms(output, passwords))).toEqual([]);
});

it.concurrent.for([
  { framework: 'langchain', bin: TESTS_BIN },
  { framework: 'llama_index', bin: join(TESTS_BIN, '..', 'pymilvus-2.6', 'bin') },
])(
  'a vector store of $framework has no failed search during rotations',
  async ({ framework, bin }, { onTestFinished: atEnd }) => {
    const user = await newClusterUser('tls', ['admin']);
    const secret = await newSecret(documentOf(user));
    await scheduleRotation([secret]);
    const store = { command: join(bin, 'python'), args: [join(CONSUMERS, 'vector_store.py'), framework] };
    const consumer = start(store, secret, servers().access.caFile, atEnd);
    await moreAnswers(consumer);
    for (let rotation = 1; rotation <= 2; rotation += 1) {
      await rotateToItsEnd(secret);
      await moreAnswers(consumer);
    }
    expect(consumer.failures).toEqual([]);
    expect(leakedForms(consumer.output, await passwordsOf(secret))).toEqual([]);
  },
);

async function followKeys(client: Client): Promise<void> {
  const keys = await startKeyCloud({ milvus: servers().access.milvus.plaintext });
  const { secret, first } = await deployKeySecret(servers(), keys, { transport: client.transport });
  onTestFinished(async () => {
    secret.close();
    await keys.close();
  });
  const consumer = start(client, secret.name, '', onTestFinished);
  await moreAnswers(consumer);
  // The second rotation deletes the key that the application has in memory.
  for (let rotation = 1; rotation <= 2; rotation += 1) {
    await rotateToItsEnd(secret.name);
    await moreAnswers(consumer);
  }
  expect(await logIn({ endpoint: keys.endpoint }, first.key)).toBe('refused');
  expect(consumer.failures).toEqual([]);
  expect(leakedForms(consumer.output, await passwordsOf(secret.name))).toEqual([]);
}

for (const client of CLIENTS) {
  const title = `${client.name} has no failed call while a stored password is accepted${client.skipped}`;
  it.skipIf(client.skipped)(title, { concurrent: true }, (context) => followOneUser(client, context.onTestFinished));
}

for (const client of CLIENTS) {
  const title = `${client.name} works with an API key unchanged${client.skipped}`;
  it.skipIf(client.skipped)(title, () => followKeys(client));
}
