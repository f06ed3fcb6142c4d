import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { CloudSecret, type SecretsManagerFault } from '../../bench/cloud/cloud-secret.ts';
import { TESTS_BIN } from '../../local/project.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { newSecret, passwordsOf, putValue } from '../support/deployed-rotation.ts';
import type { AtEnd } from '../support/loopback.ts';
import { leakedForms } from '../support/password-forms.ts';
import { changePasswordOutside, documentOf, newClusterUser, newPassword, servers } from '../support/servers.ts';
import { CONSUMERS, type Consumer, start } from './support/consumer-process.ts';

const THREADS = Array.from({ length: 10 }, (_, thread) => `ok ${thread}`);
const FAILED_READ = 'event refresh-failed';

/** Ten threads of a Python application, whose package reads the secret again and again. */
interface Application {
  readonly user: Credentials;
  readonly secret: string;
  readonly consumer: Consumer;
}

/** @param budget seconds for which a refused call waits for a version. */
async function startTenThreads(budget: number, atEnd: AtEnd): Promise<Application> {
  const user = await newClusterUser('tls', ['admin']);
  const secret = await newSecret(documentOf(user));
  const program = [join(CONSUMERS, 'ten_threads.py'), String(budget)];
  const consumer = start({ command: join(TESTS_BIN, 'python'), args: program }, secret, servers().access.caFile, atEnd);
  await consumer.ready;
  await everyThreadGoesOn(consumer);
  return { user, secret, consumer };
}

/** Until the returned function is called, each call about this secret fails or hangs. */
async function breakSecretsManager(
  name: string,
  kind: SecretsManagerFault['kind'],
  atEnd: AtEnd,
): Promise<() => Promise<void>> {
  const subject = new CloudSecret(servers().access, name);
  atEnd(() => subject.close());
  for (const action of ['GetSecretValue', 'DescribeSecret']) {
    await subject.arm({ action, kind, times: 100_000, seconds: 60 });
  }
  return () => subject.disarmAll();
}

/** The new password is in AWSPENDING. The cluster accepts no other. */
async function changePassword({ user, secret }: Application): Promise<void> {
  const password = newPassword();
  await putValue(secret, documentOf({ ...user, password }), ['AWSPENDING']);
  await changePasswordOutside(user, { password });
}

/** Waits until the application has printed the line again. @returns all lines since the call */
async function printed(consumer: Consumer, line: string, times = 1): Promise<string[]> {
  const before = consumer.lines.length;
  const since = (): string[] => consumer.lines.slice(before);
  await vi.waitFor(() => expect(count(since(), line), consumer.output).toBeGreaterThanOrEqual(times), {
    timeout: 150_000,
  });
  return since();
}

async function everyThreadGoesOn(consumer: Consumer): Promise<void> {
  await Promise.all(THREADS.map((thread) => printed(consumer, thread, 3)));
}

function count(lines: readonly string[], line: string): number {
  return lines.filter((other) => other === line).length;
}

it.concurrent.for([
  { kind: 'fail-before', title: 'is down', reads: 15 },
  { kind: 'hang', title: 'hangs', reads: 2 },
] as const)(
  'ten threads in Python have no failed call while Secrets Manager $title',
  async ({ kind, reads }, { onTestFinished }) => {
    const application = await startTenThreads(120, onTestFinished);
    const { consumer, secret } = application;
    const repair = await breakSecretsManager(secret, kind, onTestFinished);
    await printed(consumer, FAILED_READ);
    const meanwhile = await printed(consumer, FAILED_READ, reads);
    // A thread that stood still during each read would have few answers.
    expect(Math.min(...THREADS.map((thread) => count(meanwhile, thread)))).toBeGreaterThan(10);
    expect(meanwhile).not.toContain('event interrupted');

    // The calls that the cluster refuses now wait until the secret can be read.
    const isRefused = printed(consumer, 'event interrupted');
    await changePassword(application);
    await isRefused;
    await printed(consumer, FAILED_READ);
    await repair();
    await everyThreadGoesOn(consumer);
    expect(consumer.failures).toEqual([]);
    expect(leakedForms(consumer.output, await passwordsOf(secret))).toEqual([]);
  },
);

it.concurrent('ten threads in Python recover when Secrets Manager is down for longer than the budget', async ({
  onTestFinished,
}) => {
  const application = await startTenThreads(1, onTestFinished);
  const { consumer, secret } = application;
  const repair = await breakSecretsManager(secret, 'fail-before', onTestFinished);
  const isOver = printed(consumer, 'event budget-ended');
  await changePassword(application);
  await isOver;
  await repair();
  await everyThreadGoesOn(consumer);
  const failures = [...consumer.failures];
  await everyThreadGoesOn(consumer);
  expect(consumer.failures).toEqual(failures);
  expect(failures.filter((failure) => !failure.includes('auth check failure'))).toEqual([]);
  expect(failures).not.toEqual([]);
  expect(leakedForms(consumer.output, await passwordsOf(secret))).toEqual([]);
});
