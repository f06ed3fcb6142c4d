import { expect } from 'vitest';
import { ExitCode } from '../../../cli/outcome/exit-code.ts';
import { createAlternatingFixture } from '../support/alternating-fixture.ts';
import { createFixture, type Fixture } from '../support/command-fixture.ts';
import type { FakeSecret } from '../support/fake-aws.ts';
import { documentOf, OLD_PASSWORD, successfulRotation } from '../support/rotations.ts';
import { withSingleSpaces } from './advice-sites.ts';
import { runAwsOnFakes } from './fake-aws-cli.ts';

/** The state that a story changes. */
export interface World extends Fixture {
  /** The secret that a story is about. At first, its AWSCURRENT is in force. */
  readonly orders: FakeSecret;
}

/**
 * A step that the printed text advises.
 *
 * - `zilliz-rotation repair`, `aws kms`: runs the advised command that begins like this.
 * - `--ca-file ca.pem`: repeats the command with the advised option.
 * - `without --endpoint`: repeats the command without the option.
 * - `example of --timeout`: repeats the command with the advised example as the value.
 * - `run` and `does`: an advised command of another program, and what it does.
 * - `again`: runs the command again.
 * - a function: what the person does outside of a command line.
 */
export type Step =
  | string
  | { readonly run: string; readonly does: (world: World) => unknown }
  | ((world: World) => unknown);

export type Ending = readonly [exitCode: number, ...printed: readonly (string | RegExp)[]];

/** A person with a problem runs a command, follows its advice, and has no problem any more. */
export interface Story {
  /** Default: the world of {@link ordersWorld}. */
  readonly make?: () => Promise<World>;
  readonly cause?: (world: World) => unknown;
  readonly command: string;
  /** The command finds its wrong arguments only by an answer of AWS. */
  readonly asksAws?: true;
  /** The answer to the questions of the first command. Default: nobody can answer. */
  readonly answer?: 'no';
  /**
   * How the first command ends: its exit code, and what it prints. With exit code 5, no rotation
   * has started. With exit code 2, AWS was not called.
   */
  readonly ends?: Ending;
  /** Default: nothing. Then the person only runs the command again. */
  readonly follow?: readonly Step[];
  /** A word of the advice. The section that the advice cites must be about it too. */
  readonly reads?: string;
  /** The values of placeholders in advised commands, such as LABEL. */
  readonly values?: Readonly<Record<string, string>>;
  /** The contents of `file://` paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** The command that then ends with 0. Default: the command with the changed options. */
  readonly proof?: string;
}

export type Stories = Readonly<Record<string, Story>>;

export interface Followed {
  /** What the commands printed before the proof, with single spaces. */
  readonly printed: string;
  readonly printedByProof: string;
  /** The advised commands that were run, with their placeholders. */
  readonly ran: readonly string[];
  /** The options that were added or left out. */
  readonly options: readonly string[];
  readonly reads: string | undefined;
}

/** A fixture with the secret `orders`. */
export async function ordersWorld(): Promise<World> {
  const fixture = createFixture();
  fixture.cluster.addUser('app', OLD_PASSWORD);
  const rotate = successfulRotation(fixture.cluster);
  return Object.assign(fixture, { orders: fixture.aws.add('orders', documentOf(OLD_PASSWORD), { rotate }) });
}

/** A world whose secret `zilliz/test` has two users that take turns, and the real function. */
export async function twoUsersWorld(): Promise<World> {
  const { fixture, secret } = await createAlternatingFixture();
  return Object.assign(fixture, { orders: secret });
}

export function removeFunction({ orders }: World): void {
  orders.rotationFunctionArn = undefined;
}

/** A deployment gives the secret the function that another secret has. */
export function giveFunction({ aws, orders }: World): void {
  const other = aws.add('other', documentOf('Other-1', { username: 'other', token: undefined }));
  orders.rotationFunctionArn = other.rotationFunctionArn;
}

/** A story of a wrong state, until the person changes it back. */
export function untilChangedBack<T extends object>(
  command: string,
  partOf: (world: World) => T,
  state: { readonly [Key in keyof T]?: T[Key] },
  more: Partial<Story> = {},
): Story {
  let before: Partial<T> = {};
  return {
    cause: (world) => {
      const part = partOf(world);
      before = Object.fromEntries(Object.keys(state).map((key) => [key, part[key as keyof T]])) as Partial<T>;
      Object.assign(part, state);
    },
    command,
    follow: [(world) => Object.assign(partOf(world), before)],
    ...more,
  };
}

export async function followStory({ make = ordersWorld, ...story }: Story): Promise<Followed> {
  const world = await make();
  await story.cause?.(world);
  let { command } = story;
  const changesBefore = await changesOf(world);
  const passwordsBefore = world.cluster.passwords;
  const { started, calls } = world.aws;
  const before = { started: started.length, calls: calls.length };
  const first = await runLine(command, world, story.answer);
  let printed = first.text;
  const [exitCode = first.code, ...texts] = story.ends ?? [];
  expect(first.code, printed).toBe(exitCode);
  for (const text of texts) {
    expect(printed).toMatch(text);
  }
  if (exitCode === ExitCode.refused) {
    expect(started).toHaveLength(before.started);
  }
  const saysUnchanged = /Nothing was changed\.|AWSCURRENT did not move\./.test(printed);
  if (story.ends !== undefined && saysUnchanged && started.length === before.started) {
    expect(await changesOf(world)).toEqual(changesBefore);
  }
  if (printed.includes('Nothing was changed.')) {
    expect(world.cluster.passwords).toEqual(passwordsBefore);
  }
  if (exitCode === ExitCode.usage && !story.asksAws) {
    expect([first.out, calls.slice(before.calls)]).toEqual(['', []]);
  }
  const ran: string[] = [];
  const options: string[] = [];
  for (const step of story.follow ?? []) {
    if (typeof step === 'function') {
      await step(world);
    } else if (typeof step === 'object') {
      ran.push(advisedIn(printed, step.run));
      await step.does(world);
    } else if (step === 'again') {
      printed += ` ${(await runLine(command, world)).text}`;
    } else if (/^(zilliz-rotation|aws) /.test(step)) {
      const line = advisedIn(printed, step);
      ran.push(line);
      printed += await runAdvised(fill(line, story.values), story, world);
    } else {
      command = changed(command, step, printed);
      options.push(/--\S+/.exec(step)?.[0] ?? '');
    }
  }
  const after = await runLine(story.proof ?? command, world);
  expect(after.code, `${printed}\n\n${after.text}`).toBe(0);
  return { printed, printedByProof: after.text, ran, options, reads: story.reads };
}

/** What commands change: the labels of versions, and the users of the cluster. */
async function changesOf({ aws, adminCluster }: World): Promise<unknown> {
  const secrets = [...aws.secrets.values()].map(async ({ store }) => {
    const { name, versions } = await store.describe();
    return { name, versions, tags: { ...store.tags } };
  });
  return { secrets: await Promise.all(secrets), requests: [...adminCluster.requests] };
}

/** @returns what the command prints, behind a space */
async function runAdvised(line: string, { files = {} }: Pick<Story, 'files'>, world: World): Promise<string> {
  if (line.startsWith('aws ')) {
    await runAwsOnFakes(line, files, world);
    return '';
  }
  // The person at the terminal agrees to the plan.
  const { code, text } = await runLine(line, world, 'yes');
  // These commands also end with 3 if they find a problem, which the next step ends.
  const expected = /^zilliz-rotation (status|doctor) /.test(line) ? [ExitCode.ok, ExitCode.failed] : [ExitCode.ok];
  expect(expected, `${line}: ${text}`).toContain(code);
  return ` ${text}`;
}

/** The command with an option that the text advises to add, to leave out or to correct. */
function changed(command: string, step: string, printed: string): string {
  const [, how, option = ''] = /^(without |example of )?(--\S+)/.exec(step) ?? [];
  if (how === undefined) {
    return `${command} ${step}`;
  }
  const [, example] = /(?:such as|from|at least) (\S*[^\s,.])/.exec(printed) ?? [];
  const replacement = how === 'without ' ? '' : ` ${option} ${example}`;
  return command.replace(new RegExp(` ${option}( (?!--)\\S+)?`), replacement);
}

async function runLine(line: string, world: World, answer?: 'yes' | 'no') {
  const [, ...args] = line.startsWith('zilliz-rotation ') ? line.split(' ') : ['', ...line.split(' ')];
  const { code, out, err } = await world.run(args, answer === undefined ? undefined : { isTTY: false, answer });
  return { code, out, text: withSingleSpaces(`${err} ${out}`) };
}

/** The advised command that begins like this. */
function advisedIn(printed: string, beginning: string): string {
  const commands = [...printed.matchAll(/`([^`]+)`/g)].map(([, line = '']) => line);
  const line = commands.find((command) => `${command} `.startsWith(`${beginning} `));
  expect(line, `a command like ${beginning} in: ${printed}`).toBeDefined();
  return line ?? '';
}

function fill(line: string, values: Readonly<Record<string, string>> = {}): string {
  return Object.entries(values).reduce(
    (filled, [name, value]) => filled.replaceAll(new RegExp(`(?<![A-Z-])${name}(?![A-Z])`, 'g'), () => value),
    line,
  );
}
