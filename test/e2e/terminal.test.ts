import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { labelsOf, newUserWithSecret, putValue } from '../support/deployed-rotation.ts';
import { documentOf, newClusterUser, newPassword, uniqueName } from '../support/servers.ts';
import { runCommand, runInTerminal } from './support/operator-command.ts';

const QUESTION = 'Carry this out? [y/N]';
const CONTROL_C = '\u0003';

/** A secret with another password in the version with this label, which the cluster rejects. */
async function secretWithWrong(label: 'AWSCURRENT' | 'AWSPENDING'): Promise<string> {
  const { secret, user } = await newUserWithSecret('tls');
  await putValue(secret, documentOf({ ...user, password: newPassword() }), [label]);
  return secret;
}

describe.concurrent('the command in a real terminal', () => {
  it.each([
    ['carries out a repair after a yes', 'y\r', 0],
    ['changes nothing after Ctrl-C', CONTROL_C, 130],
  ])('asks, and %s', async (_, typed, expected) => {
    const secret = await secretWithWrong('AWSPENDING');

    const { code, out } = await runInTerminal([[QUESTION, typed]], ['repair', secret]);

    expect(code, out).toBe(expected);
    expect('AWSPENDING' in (await labelsOf(secret))).toBe(expected !== 0);
  });

  it('reads a hidden password for init', async () => {
    const { username, password, endpoint } = await newClusterUser('tls');

    const { code, out } = await runInTerminal(
      [
        [`Password of ${username}`, `${password}\r`],
        [QUESTION, 'y\r'],
      ],
      ['init', uniqueName('zilliz/typed'), '--endpoint', endpoint.url, '--username', username],
    );

    expect(code, out).toBe(0);
    expect(out).not.toContain(password);
  });

  it('prints plain lines in a pipe, also for progress', async () => {
    const secret = await secretWithWrong('AWSCURRENT');

    const { code, out, err } = await runCommand('status', secret);

    expect(code, err).toBe(3);
    expect(stripVTControlCharacters(out + err)).toBe(out + err);
    expect(err).toContain(secret);
    expect(out).toContain('(current-not-in-force)');
  });
});
