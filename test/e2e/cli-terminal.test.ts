import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult } from '../../local/cloud/operator-command.ts';
import { LOCAL, PROJECT } from '../../local/project.ts';
import { labelsOf, newUserWithSecret, putValue } from '../support/deployed-rotation.ts';
import { documentOf, newClusterUser, newPassword, uniqueName } from '../support/servers.ts';
import { type Dialogue, start, startInTerminal } from './support/operator-command.ts';

const QUESTION = 'Carry this out? [y/N]';
const CONTROL_C = '\u0003';
/** A frame of the spinner. */
const SPINNER = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`);

let folder: string;
let compiled: string;

beforeAll(() => {
  mkdirSync(LOCAL, { recursive: true });
  folder = mkdtempSync(join(LOCAL, 'cli-terminal-'));
  compiled = compileCommand(folder);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Compiles the command as its package holds it. @returns the program */
function compileCommand(folder: string): string {
  const compiler = join(PROJECT, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['-p', join(PROJECT, 'packages', 'cli'), '--outDir', folder];
  execFileSync(process.execPath, [compiler, ...options], { stdio: 'inherit' });
  return join(folder, 'cli', 'main.js');
}

/** A secret whose AWSPENDING blocks a rotation. `repair` removes this label. */
async function blockedSecret(): Promise<{ secret: string; pending: string }> {
  const { secret, user } = await newUserWithSecret('tls');
  const pending = await putValue(secret, documentOf({ ...user, password: newPassword() }), ['AWSPENDING']);
  return { secret, pending };
}

/** A secret with a problem: the password in force is in AWSPREVIOUS. */
async function wrongSecret(): Promise<string> {
  const { secret, user } = await newUserWithSecret('tls');
  await putValue(secret, documentOf({ ...user, password: newPassword() }));
  return secret;
}

describe('the compiled command', () => {
  const inTerminal = (dialogue: Dialogue, args: readonly string[], env = {}): Promise<CommandResult> =>
    startInTerminal(dialogue, args, { program: [process.execPath, compiled], env }).result;
  const inPipe = (...args: readonly string[]): Promise<CommandResult> =>
    start(args, { program: [process.execPath, compiled] }).result;

  it('asks before a repair on a terminal, and carries it out after a yes', async () => {
    const { secret } = await blockedSecret();

    const { code, out } = await inTerminal([[QUESTION, 'y\r']], ['repair', secret]);

    expect(code, out).toBe(0);
    expect(out).toContain(`${secret}: repaired.`);
    expect(await labelsOf(secret)).not.toHaveProperty('AWSPENDING');
  });

  it.each([
    ['a no', 'n\r', 5],
    ['Ctrl-C', CONTROL_C, 130],
  ])('changes nothing after %s', async (_answer, typed, expected) => {
    const { secret, pending } = await blockedSecret();

    const { code, out } = await inTerminal([[QUESTION, typed]], ['repair', secret]);

    expect(code, out).toBe(expected);
    expect(await labelsOf(secret)).toMatchObject({ AWSPENDING: pending });
  });

  it('asks nothing in a pipe, and changes nothing without --yes', async () => {
    const { secret, pending } = await blockedSecret();

    const { code, out, err } = await inPipe('repair', secret);

    expect(code).toBe(5);
    expect(out).toContain('(consent-needed)');
    expect(out + err).not.toContain('[y/N]');
    expect(await labelsOf(secret)).toMatchObject({ AWSPENDING: pending });
  });

  it('reads a hidden password for init on a terminal', async () => {
    const user = await newClusterUser('tls');
    const dialogue: Dialogue = [
      [`Password of ${user.username}`, `${user.password}\r`],
      [QUESTION, 'y\r'],
    ];

    const { code, out } = await inTerminal(dialogue, [
      ...['init', uniqueName('zilliz/typed'), '--endpoint', user.endpoint.url, '--username', user.username],
    ]);

    expect(code, out).toBe(0);
    expect(out).not.toContain(user.password);
  });

  it('shows a spinner and colours on a terminal, without colours if NO_COLOR is set', async () => {
    const secret = await wrongSecret();

    const coloured = await inTerminal([], ['status', secret]);
    const plain = await inTerminal([], ['status', secret], { NO_COLOR: '1' });

    expect([coloured.code, plain.code], coloured.out).toEqual([3, 3]);
    expect(coloured.out).toMatch(SPINNER);
    expect(coloured.out).toMatch(COLOUR);
    expect(plain.out).toMatch(SPINNER);
    expect(plain.out).not.toMatch(COLOUR);
  });

  it('keeps every line within 80 columns of a terminal', async () => {
    const { code, out } = await inTerminal([], ['status', await wrongSecret()]);
    const help = await inTerminal([], ['rotate', '--help']);

    expect(code, out).toBe(3);
    const lines = stripVTControlCharacters(out + help.out).split(/\r?\n|\r/);
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('prints plain lines in a pipe, also for progress', async () => {
    const [one, other] = [await wrongSecret(), await wrongSecret()];

    const { code, out, err } = await inPipe('status', one, other);

    expect(code, err).toBe(3);
    expect(stripVTControlCharacters(out + err)).toBe(out + err);
    expect(err).not.toMatch(SPINNER);
    expect(err).toContain(`${one}: examined`);
    expect(out).toMatch(/^ {2}problem {4}The password in force .* cannot log in\. \(current-not-in-force\)$/m);
  });
});
