import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../cli/commands.ts';
import { SHELLS, type Shell } from '../../../cli/completion/completion-definition.ts';
import { createFixture } from '../support/command-fixture.ts';

const SUBCOMMANDS = COMMANDS.map(({ definition }) => definition.name);

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'completion-'));
  for (const shell of SHELLS) {
    writeFileSync(join(folder, `script.${shell}`), (await createFixture().run(['completion', shell])).out);
  }
  writeFileSync(join(folder, 'private ca.pem'), '');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function isInstalled(shell: Shell): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0;
}

/** Words that bash offers, by the function that is registered for the command. */
function bash(line: string): string[] {
  // As readline splits a line: `=` is a word of its own.
  const words = line.split(/ |(=)/).filter((word) => word !== undefined);
  const script = `
    source script.bash
    [[ $(complete -p zilliz-rotation) =~ -F\\ ([^ ]+) ]]
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
    COMP_CWORD=${words.length - 1}
    "\${BASH_REMATCH[1]}"
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return lines(execFileSync('bash', ['--norc', '-c', script], { cwd: folder, encoding: 'utf8' }));
}

function fish(line: string): string[] {
  const script = `source script.fish; complete -C '${line}'`;
  const printed = execFileSync('fish', ['--no-config', '-c', script], { cwd: folder, encoding: 'utf8' });
  return lines(printed).map((offered) => offered.split('\t')[0] ?? '');
}

/** zsh has no command that completes a line, so a pseudo-terminal runs its line editor. */
const ZSH = `
  zmodload zsh/zpty
  zpty shell 'zsh -f -i'
  zpty -w shell 'source prepare.zsh'
  # The line editor prints the prompt when it has taken over the terminal.
  zpty -r -m shell ignored '*prompt of the editor*'
  zpty -w -n shell $1$'\\t'
  # Control-U removes the line.
  zpty -w shell $'\\x15''print -r -- do""ne'
  zpty -r -m shell ignored '*done*'`;

/** The completion adds each word by compadd, which also computes arrays with -O, -A and -D. */
const ZSH_PREPARATION = `
  autoload -Uz compinit && compinit -u -D
  source script.zsh
  compadd() {
    if (( ! \${\${@[1,(i)(-|--)]}[(I)-(O|A|D)]} )); then
      local -a offered
      builtin compadd -O offered "$@"
      print -rl -- $offered >> offered.txt
    fi
    builtin compadd "$@"
  }
  PS1='prompt of the editor'
`;

function zsh(line: string): string[] {
  const offered = join(folder, 'offered.txt');
  writeFileSync(offered, '');
  writeFileSync(join(folder, 'prepare.zsh'), ZSH_PREPARATION);
  execFileSync('zsh', ['-f', '-c', ZSH, 'zsh', line], { cwd: folder });
  return lines(readFileSync(offered, 'utf8'));
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

describe.each([
  ['bash', bash],
  ['fish', fish],
  ['zsh', zsh],
] as const)('the completion of %s', (shell, complete) => {
  const test = it.skipIf(!isInstalled(shell));

  test('offers every subcommand', () => {
    expect(complete('zilliz-rotation ')).toEqual(expect.arrayContaining(SUBCOMMANDS));
    expect(complete('zilliz-rotation ro')).toEqual(['rotate']);
  });

  test('offers the options of the subcommand only', () => {
    const offered = complete('zilliz-rotation rotate --');

    expect(offered).toEqual(expect.arrayContaining(['--retry-wait', '--region', '--json', '--help']));
    expect(offered).not.toContain('--admin-secret');
  });

  test('offers the choices of an option and of an argument', () => {
    expect(complete('zilliz-rotation init orders --strategy ').toSorted()).toEqual([
      'alternating-users',
      'single-user',
    ]);
    expect(complete('zilliz-rotation status --transport r')).toEqual(['rest']);
    expect(complete('zilliz-rotation completion ').toSorted()).toEqual(['bash', 'fish', 'zsh']);
  });

  test('offers files as paths, and nothing as another value or as a secret', () => {
    expect(complete('zilliz-rotation status --ca-file priv').map((path) => path.replaceAll('\\', ''))).toEqual([
      'private ca.pem',
    ]);
    expect(complete('zilliz-rotation status --region ')).toEqual([]);
    expect(complete('zilliz-rotation status ')).toEqual([]);
  });
});

it.skipIf(!isInstalled('bash'))('bash completes a value after an equals sign', () => {
  expect(bash('zilliz-rotation init orders --strategy=')).toEqual(['single-user', 'alternating-users']);
  expect(bash('zilliz-rotation init orders --strategy=al')).toEqual(['alternating-users']);
});

it('the scripts of other shells are refused', async () => {
  const { code, err } = await createFixture().run(['completion', 'tcsh']);

  expect(code).toBe(2);
  expect(err).toContain('Allowed choices are bash, zsh, fish.');
});
