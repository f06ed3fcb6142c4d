import { once } from 'node:events';
import { createServer } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunningCommand } from '../../local/cloud/operator-command.ts';
import { listenOnLoopback } from '../../local/servers/ports.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import { newSecret } from '../support/deployed-rotation.ts';
import { newClusterUser } from '../support/servers.ts';
import { start } from './support/operator-command.ts';

/** A login, or a handshake, ends after this time. Milliseconds. */
const LOGIN_DEADLINE = 5000;
/** A request to AWS, with its two repetitions and the pauses before them. */
const AWS_DEADLINE = 31_000;
/** The running request to AWS. Ctrl-C ends the repetitions. */
const AWS_REQUEST_DEADLINE = 10_000;
/** The kernel may deliver two signals that come at once as one. */
const SECOND_AFTER = 1000;

/** A command ends within this time after its deadline: a second, and more on a busy machine. */
function grace(): number {
  const [load = 0] = loadavg();
  return 1000 * Math.max(1, load / availableParallelism());
}

// First, because these tests wait longest.
describe.concurrent('at an AWS that accepts connections and never answers', () => {
  const rotateAt = (awsUrl: string): RunningCommand =>
    start(['rotate', 'orders', '--region', 'us-east-1'], { env: { AWS_ENDPOINT_URL: awsUrl } });

  it('a command reports it, and ends within its deadline', async () => {
    const { endpoint, sinceConnection } = await silentHost('http:');

    const { code, out, err } = await rotateAt(endpoint).result;

    expect(sinceConnection()).toBeLessThan(AWS_DEADLINE + grace());
    expect(code, out + err).toBe(5);
    expect(out + err).toContain('cannot reach AWS for');
  });

  it.each([
    ['the first Ctrl-C, within the deadline of a request', 1, AWS_REQUEST_DEADLINE],
    ['the second Ctrl-C, at once', 2, SECOND_AFTER],
  ])('a command ends at %s', async (_, count, deadline) => {
    const { endpoint, connected, sinceConnection } = await silentHost('http:');
    const running = rotateAt(endpoint);
    await connected;

    for (let sent = 0; sent < count; sent++) {
      running.signal('SIGINT');
      await setTimeout(sent + 1 < count ? SECOND_AFTER : 0);
    }

    const { code, out, err } = await running.result;
    expect(sinceConnection()).toBeLessThan(deadline + grace());
    expect(code, out + err).toBe(130);
  });
});

describe.concurrent('at a cluster that accepts connections and never answers', () => {
  const startAt = async (endpoint: string, command: string): Promise<RunningCommand> => {
    const secret = await newSecret(newDocument({ ...(await newClusterUser('tls')), endpoint }));
    return start([command, secret.name, '--json']);
  };

  it.each([
    ['status', 7, LOGIN_DEADLINE],
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
    ['status', 'SIGTERM'],
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

/** A host that accepts connections and answers nothing. */
interface SilentHost {
  readonly endpoint: string;
  /** Resolves after the first connection. */
  readonly connected: Promise<unknown>;
  /** Milliseconds since the first connection. */
  sinceConnection(): number;
}

/** Starts a host, which runs until the process of the test ends. */
async function silentHost(protocol: 'http:' | 'https:' = 'https:'): Promise<SilentHost> {
  let first = Number.NEGATIVE_INFINITY;
  // The command may end while its connection is open.
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.once('connection', () => {
    first = performance.now();
  });
  const { port } = await listenOnLoopback(server.unref());
  return {
    endpoint: `${protocol}//localhost:${port}`,
    connected: once(server, 'connection'),
    sinceConnection: () => performance.now() - first,
  };
}
