import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { labelsOf, newUserWithSecret, putValue } from '../support/deployed-rotation.ts';
import { documentOf, newClusterUser, newPassword, uniqueName } from '../support/servers.ts';
import { runInTerminal } from './support/operator-command.ts';

const QUESTION = 'Carry this out? [y/N]';
const CONTROL_C = '\u0003';
/** A frame of the spinner. */
const SPINNER = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`);

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

  it('shows a spinner and colours, within 80 columns, and no colours if NO_COLOR is set', async () => {
    const secret = await secretWithWrong('AWSCURRENT');

    const coloured = await runInTerminal([], ['status', secret]);
    const plain = await runInTerminal([], ['status', secret], { NO_COLOR: '1' });

    expect([coloured.code, plain.code], coloured.out).toEqual([3, 3]);
    expect(coloured.out).toMatch(SPINNER);
    expect(coloured.out).toMatch(COLOUR);
    const lines = stripVTControlCharacters(coloured.out).split(/\r?\n|\r/);
    expect(lines.length).toBeGreaterThan(10);
    // An advised command is one line, so that it can be pasted.
    expect(lines.filter((line) => line.length > 80 && !/^ +zilliz-rotation /.test(line))).toEqual([]);
    expect(plain.out).toMatch(SPINNER);
    expect(plain.out).not.toMatch(COLOUR);
  });
});
