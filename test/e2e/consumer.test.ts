import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { deployKeySecret } from '../../bench/cloud/key-secret.ts';
import { startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import { awsEnvironment } from '../../local/cloud/access.ts';
import { NODE_BIN, PYTHON_CACHE, TESTS_BIN } from '../../local/project.ts';
import { logIn } from '../../local/servers/milvus-client.ts';
import { currentPassword, newSecret, passwordsOf, putValue, rotateToItsEnd } from '../support/deployed-rotation.ts';
import { scheduleRotation } from '../support/deployed-stack.ts';
import { leakedForms } from '../support/password-forms.ts';
import {
  changePasswordOutside,
  documentOf,
  newClusterUser,
  newPassword,
  restEndpoint,
  servers,
} from '../support/servers.ts';

/** An application that calls the cluster again and again, through an example. */
interface Consumer {
  /** The number of answers from the cluster. */
  answers: number;
  /** The errors that reached the caller of the example. */
  readonly failures: string[];
  /** Everything that the application has printed. */
  output: string;
}

/** Starts the application until the test ends. */
function start(command: string, args: readonly string[]): Consumer {
  const { access } = servers();
  const child = spawn(command, args, {
    env: {
      ...awsEnvironment(access),
      PATH: [TESTS_BIN, process.env['PATH']].join(delimiter),
      CURL_CA_BUNDLE: access.caFile,
      PYTHONPYCACHEPREFIX: PYTHON_CACHE,
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const consumer: Consumer = { answers: 0, failures: [], output: '' };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      consumer.output += `${line}\n`;
      if (line === 'ok') {
        consumer.answers += 1;
      } else if (line.startsWith('failed')) {
        consumer.failures.push(line);
      }
    });
  }
  return consumer;
}

const program = (file: string): string => join(import.meta.dirname, 'support', 'consumers', file);

interface Example {
  readonly example: string;
  readonly transport: 'grpc' | 'rest';
  readonly command: string;
  readonly file: string;
  /** What the caller sees if the cluster accepts no version. @default a sentence of the example */
  readonly refusal?: string;
}

const EXAMPLES: readonly Example[] = [
  { example: 'node.ts', transport: 'grpc', command: join(NODE_BIN, 'node'), file: 'consumer.ts' },
  {
    example: 'zilliz_secret_client in Python',
    transport: 'grpc',
    command: join(TESTS_BIN, 'python'),
    file: 'consumer.py',
    refusal: 'auth check failure',
  },
  { example: 'curl.sh', transport: 'rest', command: 'bash', file: 'consumer.sh' },
];

/**
 * Waits for answers to calls that have started after now. Python takes seconds to load pymilvus,
 * and on a busy machine its connection can stand still for a minute after a refused call.
 */
async function moreAnswers(consumer: Consumer): Promise<void> {
  const before = consumer.answers;
  await vi.waitFor(() => expect(consumer.answers, consumer.output).toBeGreaterThan(before + 2), { timeout: 150_000 });
}

it.concurrent.each(EXAMPLES)(
  '$example has no failed call while a stored password is accepted',
  async ({ transport, command, file, refusal }) => {
    const user = await newClusterUser('tls', ['admin']);
    const at = transport === 'grpc' ? user : { ...user, endpoint: restEndpoint('tls') };
    const secret = await newSecret(documentOf(at));
    await scheduleRotation([secret], transport);
    const consumer = start(command, [program(file), secret, servers().access.caFile]);
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
    await vi.waitFor(() => expect(consumer.failures).not.toEqual([]), { timeout: 60_000 });
    expect(consumer.output).toContain(
      refusal ?? `The cluster refuses the versions AWSCURRENT and AWSPENDING of ${secret}.`,
    );

    // The same process works again after a repair.
    await putValue(secret, documentOf({ ...at, password: unknown }));
    await moreAnswers(consumer);
    expect(leakedForms(consumer.output, await passwordsOf(secret))).toEqual([]);
  },
);

it.concurrent.each([
  { framework: 'langchain', bin: TESTS_BIN },
  { framework: 'llama_index', bin: join(TESTS_BIN, '..', 'pymilvus-2.6', 'bin') },
])('a vector store of $framework has no failed search during rotations', async ({ framework, bin }) => {
  const user = await newClusterUser('tls', ['admin']);
  const secret = await newSecret(documentOf(user));
  await scheduleRotation([secret]);
  const consumer = start(join(bin, 'python'), [program('vector_store.py'), framework, secret, servers().access.caFile]);
  await moreAnswers(consumer);
  for (let rotation = 1; rotation <= 2; rotation += 1) {
    await rotateToItsEnd(secret);
    await moreAnswers(consumer);
  }
  expect(consumer.failures).toEqual([]);
  expect(leakedForms(consumer.output, await passwordsOf(secret))).toEqual([]);
});

it.each(EXAMPLES)('$example works with an API key unchanged', async ({ transport, command, file }) => {
  const keys = await startKeyCloud({ milvus: servers().access.milvus.plaintext });
  const { secret, first } = await deployKeySecret(servers(), keys, { transport });
  onTestFinished(async () => {
    secret.close();
    await keys.close();
  });
  const consumer = start(command, [program(file), secret.name, '']);
  await moreAnswers(consumer);
  // The second rotation deletes the key that the application has in memory.
  for (let rotation = 1; rotation <= 2; rotation += 1) {
    await rotateToItsEnd(secret.name);
    await moreAnswers(consumer);
  }
  expect(await logIn({ endpoint: keys.endpoint }, first.key)).toBe('refused');
  expect(consumer.failures).toEqual([]);
  expect(leakedForms(consumer.output, await passwordsOf(secret.name))).toEqual([]);
});
