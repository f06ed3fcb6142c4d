import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { tokenOf } from '../../secret/document.ts';
import { newSecret } from '../support/deployed-rotation.ts';
import { serve } from '../support/loopback.ts';
import { newPassword, uniqueName } from '../support/servers.ts';
import { runCommand, runWithPasswords, startCommand } from './support/operator-command.ts';

/** A host that accepts connections and never answers. @returns its endpoint */
async function silentHost(): Promise<string> {
  return (await serve(createServer(), 'https')).url;
}

async function secretAt(endpoint: string): Promise<string> {
  const credential = { username: uniqueName('user'), password: newPassword() };
  return await newSecret(JSON.stringify({ endpoint, ...credential, token: tokenOf(credential) }));
}

describe('at a host that accepts connections and never answers', () => {
  it.each([
    ['status', 7],
    ['repair', 7],
  ])('%s reports it, and the process ends', async (command, expected) => {
    const secret = await secretAt(await silentHost());

    const { code, out } = await runCommand(command, secret, '--json');

    expect(code).toBe(expected);
    expect(out).toContain('is silent');
  });

  it('init reports it, and the process ends', async () => {
    const arguments_ = ['init', uniqueName('zilliz/new'), '--endpoint', await silentHost(), '--username', 'someone'];

    const { code, out } = await runWithPasswords([newPassword()], ...arguments_, '--yes', '--json');

    expect(code).toBe(7);
    expect(out).toContain('is silent');
  });

  it('status ends at the first Ctrl-C', async () => {
    const command = startCommand('status', await secretAt(await silentHost()));
    await expect.poll(() => command.output.err, { timeout: 30_000 }).not.toBe('');
    command.interrupt();
    expect((await command.result).code).toBe(130);
  });
});
