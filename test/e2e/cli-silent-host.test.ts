import { beforeAll, describe, expect, it } from 'vitest';
import type { RunningCommand } from '../../local/cloud/operator-command.ts';
import { tokenOf } from '../../secret/document.ts';
import { deployRotation, newSecret, rotationSettles } from '../support/deployed-rotation.ts';
import { newClusterUser, newPassword, servers, uniqueName } from '../support/servers.ts';
import { start, startCommand } from './support/operator-command.ts';
import { type FrontHost, frontOf, silentHost } from './support/silent-host.ts';

/** gRPC would keep a process alive for minutes. The limit leaves room for a busy machine. */
const WITHIN = 45_000;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

async function secretAt(endpoint: string, username: string = uniqueName('user'), password: string = newPassword()) {
  const credential = { username, password };
  return await newSecret(JSON.stringify({ endpoint, ...credential, token: tokenOf(credential) }));
}

/** Starts a command that logs in at the endpoint. */
async function startAt(endpoint: string, command: string): Promise<RunningCommand> {
  return command === 'init'
    ? start(['init', uniqueName('zilliz/new'), '--endpoint', endpoint, '--username', 'someone', '--yes', '--json'], {
        input: `${newPassword()}\n`,
      })
    : startCommand(command, await secretAt(endpoint), '--json');
}

describe('at a host that accepts connections and never answers', () => {
  it.each([
    ['status', 7],
    ['repair', 7],
    ['init', 7],
    ['doctor', 3],
  ])(
    '%s reports it, and the process ends',
    async (command, expected) => {
      const { endpoint } = await silentHost();

      const { code, out } = await (await startAt(endpoint, command)).result;

      expect(code, out).toBe(expected);
      expect(out).toContain('is silent');
    },
    WITHIN,
  );

  it.each(
    ['status', 'repair', 'init', 'doctor'].flatMap((command) => SIGNALS.map((signal) => [command, signal] as const)),
  )(
    '%s ends at the first %s',
    async (command, signal) => {
      const { endpoint, connected } = await silentHost();
      const running = await startAt(endpoint, command);
      await connected;

      running.signal(signal);

      expect((await running.result).code).toBe(130);
    },
    WITHIN,
  );
});

describe('rotate, whose host is silent from the end of the rotation', () => {
  let front: FrontHost;
  let secret: string;

  beforeAll(async () => {
    front = await frontOf(servers().access.milvus.tls.endpoint);
    const { username, password } = await newClusterUser('tls');
    secret = await secretAt(front.endpoint, username, password);
    await deployRotation([{ name: secret }]);
    await rotationSettles(secret);
  }, 120_000);

  /** @returns after the command has connected to the silent host */
  async function rotateThenSilence(): Promise<RunningCommand> {
    front.answer();
    const running = startCommand('rotate', secret, '--json');
    await expect.poll(() => running.output.err, { timeout: 30_000 }).toContain('rotation started');
    // Otherwise the command could log in before the host is silent.
    running.signal('SIGSTOP');
    await rotationSettles(secret);
    const connected = front.silence();
    running.signal('SIGCONT');
    await connected;
    return running;
  }

  it(
    'reports that the login is not confirmed, and the process ends',
    async () => {
      const { code, out } = await (await rotateThenSilence()).result;

      expect(code, out).toBe(7);
      expect(out).toContain('is silent');
    },
    WITHIN,
  );

  it.each(SIGNALS)(
    'ends at the first %s',
    async (signal) => {
      const running = await rotateThenSilence();

      running.signal(signal);

      expect((await running.result).code).toBe(130);
    },
    WITHIN,
  );
});
