import { beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { awsCommandsIn } from '../../support/aws-command-line.ts';
import { newUserWithSecret, passwordsOf, secretNamed } from '../../support/deployed-rotation.ts';
import { DeployedStack } from '../../support/deployed-stack.ts';
import { leakedForms } from '../../support/password-forms.ts';
import { canLogIn, createdPasswords } from '../../support/servers.ts';
import { runAws } from '../support/aws-command.ts';
import { printedByCommands, runCommand, runInTerminal } from '../support/operator-command.ts';
import { ROTATE, type Scenario, type Situation, type Step, type Subject, type Values } from './scenario.ts';

/**
 * Brings a secret of one stack into each state, follows the steps, and checks their result. A
 * scenario that changes more than its secret has a stack of its own, so all run at once.
 */
export function followScenarios(title: string, scenarios: readonly Scenario[]): void {
  describe(title, () => {
    const shared = new DeployedStack();
    const subjects = new Map<Scenario, Subject>();

    beforeAll(async () => {
      for (const scenario of scenarios) {
        const subject = await (scenario.prepare ?? ordinarySubject)();
        subjects.set(scenario, subject);
        shared.entries.push(...(subject.entry === undefined ? [] : [subject.entry]));
      }
      await shared.deploy();
      await Promise.all(shared.entries.map(({ name, create }) => secretNamed(String(name ?? create)).setRetries(0)));
    });

    const titled = scenarios.map((scenario) => [`${scenario.entry}: ${scenario.state}`, scenario] as const);
    it.concurrent.each(titled)('%s', async (_, scenario) => {
      const subject = subjects.get(scenario) as Subject;
      const { secret, role, ownStack: stack = shared } = subject;
      let situation: Situation = { ...subject, stack, values: { SECRET: secret.name, ...(role && { ROLE: role }) } };
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
      await expectInOrder(subject, scenario.steps.at(-1));
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
  return { ...subject, entry: { name: subject.secret.name } };
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
    await situation.stack[args[0] as 'deploy' | 'destroy']();
    return '';
  }
  const typed = step.typed?.(situation);
  const { code, out, err } = await (typed === undefined ? runCommand(...args) : runInTerminal(typed, args));
  expect(code, `${line}\n${out}${err}`).toBe(step.exitCode ?? 0);
  const text = out.replaceAll(/\s+/g, ' ');
  for (const expected of step.prints ?? []) {
    expect(text).toContain(fill(expected, situation));
  }
  return text;
}

/** Replaces the placeholders, the longest first. */
function fill(text: string, { values }: Situation): string {
  return Object.entries(values)
    .toSorted(([a], [b]) => b.length - a.length)
    .reduce(
      (filled, [name, value]) =>
        filled.replaceAll(new RegExp(`(?<![A-Z])${name.replaceAll(/[$()]/g, '\\$&')}(?![A-Z])`, 'g'), () => value),
      text,
    );
}

/**
 * The applications log in, and `status` finds no problem. A rotation that succeeded proves both.
 */
async function expectInOrder({ secret, user }: Subject, lastStep: Step | undefined): Promise<void> {
  const { username, password } = parseDocument(await secret.value());
  expect(await canLogIn({ ...user, username, password })).toBe(true);
  if (lastStep?.command !== ROTATE.command) {
    const { code, out } = await runCommand('status', secret.name);
    expect(code, out).toBe(0);
  }
}
