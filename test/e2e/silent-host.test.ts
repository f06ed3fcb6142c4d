import { availableParallelism, loadavg } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunningCommand } from '../../local/cloud/operator-command.ts';
import { tokenOf } from '../../protocol/secret/credential-form.ts';
import { newSecret, rotationSettles } from '../support/deployed-rotation.ts';
import { scheduleRotation } from '../support/deployed-stack.ts';
import { newClusterUser, newPassword, servers, uniqueName } from '../support/servers.ts';
import { start, startCommand } from './support/operator-command.ts';
import { type SilentHost, silentHost } from './support/silent-host.ts';

/** A login, or a handshake, ends after this time. Milliseconds. */
const LOGIN_DEADLINE = 5000;
/** A request to AWS, with its two repetitions and the pauses before them. */
const AWS_DEADLINE = 31_000;
/** The running request to AWS. Ctrl-C ends the repetitions. */
const AWS_REQUEST_DEADLINE = 10_000;

/** A command ends within this time after its deadline: a second, and more on a busy machine. */
function grace(): number {
  const [load = 0] = loadavg();
  return 1000 * Math.max(1, load / availableParallelism());
}

function secretAt(endpoint: string, username: string = uniqueName('user'), password: string = newPassword()) {
  const credential = { username, password };
  return newSecret(JSON.stringify({ endpoint, ...credential, token: tokenOf(credential) }));
}

/** Starts a command that logs in at the endpoint. */
async function startAt(endpoint: string, command: string): Promise<RunningCommand> {
  return command === 'init'
    ? start(['init', uniqueName('zilliz/new'), '--endpoint', endpoint, '--username', 'someone', '--yes', '--json'], {
        input: `${newPassword()}\n`,
      })
    : startCommand(command, await secretAt(endpoint), '--json');
}

// First, because these tests wait longest.
describe.concurrent('at an AWS that accepts connections and never answers', () => {
  const startAtAws = (awsUrl: string, args: readonly string[]): RunningCommand =>
    start([...args, '--region', 'us-east-1'], { env: { AWS_ENDPOINT_URL: awsUrl } });

  it.each([
    ['rotate', ['rotate', 'orders'], 5],
    ['doctor', ['doctor', 'orders'], 3],
    ['report', ['report'], 5],
  ])('%s reports it, and ends within its deadline', async (_, args, expected) => {
    const { endpoint, sinceConnection } = await silentHost('http:');

    const { code, out, err } = await startAtAws(endpoint, args).result;

    expect(sinceConnection()).toBeLessThan(AWS_DEADLINE + grace());
    expect(code, out + err).toBe(expected);
    expect(out + err).toContain('cannot reach AWS for');
  });

  it.each([
    ['rotate', ['rotate', 'orders']],
    ['report', ['report']],
  ])('%s ends at the first Ctrl-C, within the deadline of a request', async (_, args) => {
    const { endpoint, connected, sinceConnection } = await silentHost('http:');
    const running = startAtAws(endpoint, args);
    await connected;

    running.signal('SIGINT');

    const { code, out, err } = await running.result;
    expect(sinceConnection()).toBeLessThan(AWS_REQUEST_DEADLINE + grace());
    expect(code, out + err).toBe(130);
  });
});

describe.concurrent('at a cluster that accepts connections and never answers', () => {
  it.each([
    ['status', 7, LOGIN_DEADLINE],
    ['repair', 7, LOGIN_DEADLINE],
    ['init', 7, LOGIN_DEADLINE],
    // A handshake and a login.
    ['doctor', 3, 2 * LOGIN_DEADLINE],
  ])('%s reports it, and ends within its deadline', async (command, expected, deadline) => {
    const { endpoint, sinceConnection } = await silentHost();

    const { code, out } = await (await startAt(endpoint, command)).result;

    expect(sinceConnection()).toBeLessThan(deadline + grace());
    expect(code, out).toBe(expected);
    expect(out).toContain('is silent');
  });

  it.each([
    ['status', 'SIGINT'],
    ['init', 'SIGTERM'],
    ['doctor', 'SIGINT'],
  ] as const)('%s ends at the first %s, within the deadline of its login', async (command, signal) => {
    const { endpoint, connected, sinceConnection } = await silentHost();
    const running = await startAt(endpoint, command);
    await connected;

    running.signal(signal);

    expect((await running.result).code).toBe(130);
    expect(sinceConnection()).toBeLessThan(LOGIN_DEADLINE + grace());
  });
});

describe('rotate, whose host is silent from the end of the rotation', () => {
  let host: SilentHost;
  let secret: string;

  beforeAll(async () => {
    host = await silentHost('https:', servers().access.milvus.tls.endpoint);
    host.answer();
    const { username, password } = await newClusterUser('tls');
    secret = await secretAt(host.endpoint, username, password);
    await scheduleRotation([secret]);
  });

  /** @returns after the command has connected to the silent host */
  async function rotateThenSilence(): Promise<RunningCommand> {
    host.answer();
    const running = startCommand('rotate', secret, '--json');
    await expect.poll(() => running.output.err, { timeout: 30_000 }).toContain('rotation started');
    // Otherwise the command could log in before the host is silent.
    running.signal('SIGSTOP');
    await rotationSettles(secret);
    const connected = host.silence();
    running.signal('SIGCONT');
    await connected;
    return running;
  }

  it('reports that the login is not confirmed, and the process ends', async () => {
    const running = await rotateThenSilence();
    const silentSince = performance.now();
    const { code, out } = await running.result;

    expect(performance.now() - silentSince).toBeLessThan(LOGIN_DEADLINE + grace());
    expect(code, out).toBe(7);
    expect(out).toContain('is silent');
  });

  it('ends at the first Ctrl-C', async () => {
    const running = await rotateThenSilence();

    running.signal('SIGINT');

    expect((await running.result).code).toBe(130);
  });
});
