import { beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { awsCommandsIn } from '../../support/aws-command-line.ts';
import { currentValue, newUserWithSecret, passwordsOf, setRetries } from '../../support/deployed-rotation.ts';
import { leakedForms } from '../../support/password-forms.ts';
import { canLogIn, createdPasswords } from '../../support/servers.ts';
import { runAws } from '../support/aws-command.ts';
import { printedByCommands, runCommand, runInTerminal } from '../support/operator-command.ts';
import { OperatedStack } from './operated-stack.ts';
import type { Scenario, Situation, Step, Subject, Values } from './scenario.ts';

/**
 * Brings a secret of one stack into each state, follows the steps, and checks their result.
 *
 * @param areApart whether no scenario changes what another one uses. Then they run at once,
 *   because the commands mostly wait.
 */
export function followScenarios(title: string, scenarios: readonly Scenario[], areApart = false): void {
  describe(title, () => {
    const stack = new OperatedStack();
    const subjects = new Map<Scenario, Subject>();

    beforeAll(async () => {
      for (const scenario of scenarios) {
        const subject = await (scenario.prepare ?? ordinarySubject)();
        subjects.set(scenario, subject);
        if (Object.keys(subject.entry).length > 0) {
          stack.entries.push(subject.entry);
        }
      }
      await stack.run('deploy');
      await Promise.all(stack.entries.map(({ name, create }) => setRetries(String(name ?? create), 0)));
    });

    const titled = scenarios.map((scenario) => [`${scenario.entry}: ${scenario.state}`, scenario] as const);
    (areApart ? it.concurrent : it).each(titled)('%s', async (_, scenario) => {
      const subject = subjects.get(scenario) as Subject;
      let situation: Situation = {
        ...subject,
        stack: subject.ownStack ?? stack,
        values: { SECRET: subject.secret, ...(subject.role === undefined ? {} : { ROLE: subject.role }) },
      };
      const learn = (values: Values | undefined): void => {
        situation = { ...situation, values: { ...situation.values, ...values } };
      };
      learn(await scenario.cause?.(situation));
      let printed = '';
      for (const step of scenario.steps) {
        learn(await step.before?.(situation));
        printed += await runStep(step, situation, printed);
      }
      await scenario.over?.(situation);
      await expectInOrder(subject);
    });

    it('prints no password in any form', async () => {
      const secrets = [...subjects.values()].map(({ secret }) => secret);
      const stored = (await Promise.all(secrets.map(passwordsOf))).flat();
      expect(leakedForms(printedByCommands(), new Set([...createdPasswords, ...stored]))).toEqual([]);
    });
  });
}

async function ordinarySubject(): Promise<Subject> {
  const subject = await newUserWithSecret('tls');
  return { ...subject, entry: { name: subject.secret } };
}

/** @param printed by the steps before. @returns what the command prints */
async function runStep(step: Step, situation: Situation, printed: string): Promise<string> {
  const line = fill(step.command, situation);
  const [npx, program, ...args] = line.split(' ');
  if (npx === 'aws') {
    // The page shows which command to run, and the advice has its values.
    const advised = awsCommandsIn(printed).map((command) => fill(command, situation));
    if (advised.some((command) => command.split(' ')[2] === line.split(' ')[2])) {
      expect(advised).toContain(line);
    }
    await runAws(line, step.files?.(situation));
    return '';
  }
  if (program === 'cdk') {
    await situation.stack.run(args.join(' '));
    return '';
  }
  const typed = step.typed?.(situation);
  const { code, out, err } = await (typed === undefined ? runCommand(...args) : runInTerminal(typed, ...args));
  expect(code, `${line}\n${out}${err}`).toBe(step.exitCode ?? 0);
  const text = out.replaceAll(/\s+/g, ' ');
  for (const expected of step.prints ?? []) {
    expect(text).toContain(fill(expected, situation));
  }
  return out;
}

/** Replaces the placeholders, the longest first. */
function fill(text: string, { values }: Situation): string {
  return Object.entries(values)
    .toSorted(([a], [b]) => b.length - a.length)
    .reduce(
      (filled, [name, value]) =>
        filled.replaceAll(new RegExp(`(?<![A-Z])${escapePattern(name)}(?![A-Z])`, 'g'), () => value),
      text,
    );
}

const escapePattern = (text: string): string => text.replaceAll(/[$()]/g, '\\$&');

/** The applications log in, and `status` finds no problem. */
async function expectInOrder({ secret, user }: Subject): Promise<void> {
  const { username, password } = parseDocument(await currentValue(secret));
  expect(await canLogIn({ ...user, username, password })).toBe(true);
  const { code, out } = await runCommand('status', secret);
  expect(code, out).toBe(0);
}
