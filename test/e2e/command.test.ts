import { describe, expect, it } from 'vitest';
import { expectRotated, newUserWithSecret } from '../support/deployed-rotation.ts';
import { scheduleRotation } from '../support/deployed-stack.ts';
import { startCommand } from './support/operator-command.ts';

/** Signals to the process of the operator's command, on real servers. */
describe('zilliz-rotation', () => {
  it.each([
    // A fast rotation can end before the command sees the signal.
    ['the first', ['SIGINT'], /continues in AWS|is complete: AWSCURRENT is the new version/],
    ['the second', ['SIGINT', 'SIGINT'], /^/],
  ] as const)('ends at %s Ctrl-C while its rotation continues and completes', async (_, signals, message) => {
    const { secret, user } = await newUserWithSecret('tls');
    await scheduleRotation([secret]);
    const { output, result, signal } = startCommand('rotate', secret.name);
    await expect.poll(() => output.err, { timeout: 20_000, interval: 5 }).toContain('rotation started');
    for (const each of signals) {
      signal(each);
    }
    const { code, out, err } = await result;

    expect(code).toBe(130);
    expect(out).toMatch(message);
    await secret.until();
    const token = /version ([0-9a-f-]{36})/.exec(err)?.[1];
    expect((await secret.labels())['AWSCURRENT']).toBe(token);
    await expectRotated(secret, user);
  });
});
