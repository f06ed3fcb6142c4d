import { describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING, unfinishedVersion } from '../../../protocol/secret/versions.ts';
import { parseAwsCommandLine, shellWords } from '../../support/aws-command-line.ts';
import { SECOND_USER, USER } from '../../support/rotation-world.ts';
import { createWorld, SECRET, type Users, type World } from './secret-fixture.ts';
import { expectWhole, findingsOf, refusalOf, type State } from './state-world.ts';

/** Where the secrets are. Only the first command line says so by hand. */
const PLACE = { region: 'us-east-1', profile: 'prod 1' };
const PLACE_OPTIONS = ` --region us-east-1 --profile 'prod 1'`;

const CHECKS: Readonly<Record<string, string>> = { problem: 'fail', undecided: 'unknown', notice: 'warning' };

/** What the advised commands of the AWS CLI do to the fakes. */
const AWS_COMMANDS: Readonly<Record<string, (world: World, input: Readonly<Record<string, unknown>>) => unknown>> = {
  'lambda add-permission': ({ aws, secret }, { FunctionName, Action, Principal, SourceAccount }) => {
    expect(FunctionName).toBe(secret.rotationFunctionArn);
    const Condition = { StringEquals: { 'AWS:SourceAccount': SourceAccount } };
    aws.inspection.account.policy = [{ Effect: 'Allow', Action, Principal: { Service: Principal }, Condition }];
  },
  'secretsmanager restore-secret': ({ secret }) => {
    secret.deletedAt = undefined;
  },
  'secretsmanager rotate-secret': async ({ secret }, { RotateImmediately, RotationLambdaARN, RotationRules }) => {
    // AWS refuses the call while a rotation is incomplete.
    expect(unfinishedVersion(await secret.store.describe())).toBeUndefined();
    expect(RotationLambdaARN).toBe(secret.rotationFunctionArn);
    secret.store.rotationEnabled = RotateImmediately === false;
    Object.assign(secret, { schedule: (RotationRules as { ScheduleExpression: string }).ScheduleExpression });
  },
  'secretsmanager tag-resource': ({ secret }, { Tags }) => {
    for (const { Key, Value } of JSON.parse(String(Tags))) {
      secret.store.tags[Key] = Value;
    }
  },
  'secretsmanager untag-resource': ({ secret }, { TagKeys }) => {
    for (const key of TagKeys as string[]) {
      delete secret.store.tags[key];
    }
  },
  'secretsmanager update-secret-version-stage': ({ secret }, { VersionStage, RemoveFromVersionId }) =>
    secret.store.removeLabel({ label: String(VersionStage), from: String(RemoveFromVersionId) }),
};

/** Proves each state for each kind of secret that it names. */
export function proveStates(states: Readonly<Record<string, State>>): void {
  for (const [name, state] of Object.entries(states)) {
    const { of, init } = state;
    describe.each(of === undefined ? (['one', 'two'] as const) : [of])(`${name} (%s)`, (users) => {
      it('is found by status and doctor', async () => expectFound(await broken(users, state), state));
      it('is repaired, or repair changes nothing', async () => expectRepaired(await broken(users, state), state));
      it('is ended by the advice', async () => expectAdviceHelps(users, state));
      if (init) {
        it('is ended by init', async () => expectInitHelps(await broken(users, state), users));
      }
    });
  }
}

async function broken(users: Users, { make, rotate }: State): Promise<World> {
  const world = await createWorld(users);
  await make(world);
  if (rotate !== undefined) {
    await world.run(['rotate', SECRET]);
  }
  world.aws.calls.length = 0;
  return world;
}

async function expectFound(world: World, state: State): Promise<void> {
  const { finds, options = [], prints = /^/, omits = /$^/, doctor } = state;
  const found = await findingsOf(world, ...options);
  expect(found.finds.join('; ')).toBe(finds.join('; '));
  const severities = found.findings.map(({ severity }) => severity);
  expect(found.code).toBe(severities.includes('problem') ? 3 : severities.includes('undecided') ? 7 : 0);
  const { out } = await world.run(['status', SECRET, ...options]);
  expect(out.split('\n', 1)).toEqual([expect.stringMatching(finds.length === 0 ? /: ok$/ : /\(.+\)$/)]);
  const printed = out.replaceAll(/\s+/g, ' ');
  expect(found.findings.filter(({ code }) => !printed.includes(`(${code})`))).toEqual([]);
  expect(printed).toMatch(prints);
  expect(printed).not.toMatch(omits);

  const { code, document } = await world.runJson('doctor', SECRET, ...options);
  const checks: readonly { check: string; status: string; fix: string | null }[] = document.checks;
  // What a check does not know has its own tests (test/cli/doctor).
  const isFinding = (check: string): boolean => found.findings.some((finding) => finding.code === check);
  const wrong = checks.filter(({ check, status }) => !/pass|unknown/.test(status) || isFinding(check));
  const expected = doctor ?? found.findings.map((finding) => `${CHECKS[finding.severity]} ${finding.code}`);
  expect(wrong.map(({ check, status }) => `${status} ${check}`).join('; ')).toBe(expected.join('; '));
  // The advice of a finding is followed elsewhere.
  expect(wrong.filter(({ check, fix }) => fix === null && !isFinding(check))).toEqual([]);
  expect(code).toBe(expected.some((check) => check.startsWith('fail')) ? 3 : 0);
  expect(changesIn(world)).toBe('');
}

/** The calls that have changed the secret. Only a pinned and allowed host gets a password. */
function changesIn({ aws, cluster }: World): string {
  expect(cluster.requestedHosts.filter((host) => host !== cluster.host)).toEqual([]);
  return aws.calls.flatMap((call) => /^(?:put|promote|addLabel|removeLabel)\b/.exec(call) ?? []).join(' ');
}

async function expectRepaired(world: World, state: State): Promise<void> {
  const { secret } = world;
  const { finds, options = [], does = '', holds, labels = {} } = state;
  const { repair = does === '' ? refusalOf(finds) : '0' } = state;

  const { code, document } = await world.runJson('repair', SECRET, '--yes', ...options);

  expect([code, document.error?.code].join(' ').trim()).toBe(repair);
  expect(changesIn(world)).toBe(does);
  expect(document.plan.length > 0).toBe(does !== '');
  if (holds !== undefined) {
    expect(JSON.parse(secret.store.valueOf(secret.store.holder(AWSCURRENT) ?? '') ?? '')).toMatchObject(holds);
  }
  for (const [versionId, expected] of Object.entries(labels)) {
    expect([...secret.store.labelsOf(versionId)], versionId).toEqual(expected);
  }
  if (code !== 0) {
    expect(document.error.advice).toMatch(/\S/);
    return;
  }
  const isRepaired = does !== '';
  const currentVersionId = isRepaired ? secret.store.holder(AWSCURRENT) : null;
  expect(document).toMatchObject({ outcome: isRepaired ? 'repaired' : 'in-order', currentVersionId });
  const isOff = finds.some((finding) => finding.includes('rotation-off'));
  expect(document.next ?? '').toMatch(isOff ? /^Rotation / : isRepaired ? /zilliz-rotation rotate/ : /^$/);
  expect([undefined, secret.store.holder(AWSCURRENT)]).toContain(secret.store.holder(AWSPENDING));
  secret.store.rotationEnabled = true;
  await state.mend?.(world);
  await expectWhole(world, state.remains ?? [], state.afterwards ?? [], JSON.stringify(document));
}

/** An operator runs a command, does what it advises, and runs it again: always at one place. */
async function expectAdviceHelps(users: Users, state: State): Promise<void> {
  const { make, rotate, options = [], mend, values = {}, afterwards = [] } = state;
  const { follow = state.does === undefined || state.repair !== undefined ? [] : ['repair'] } = state;
  const world = await createWorld(users);
  await make(world);
  const before = world.connections.length;
  const command = rotate === undefined ? ['status', SECRET, ...options].join(' ') : `rotate ${SECRET}`;
  const first = await runLine(`${command}${PLACE_OPTIONS}`, world);
  if (rotate !== undefined) {
    expect([first.code, /\(([\w-]+)\)/.exec(first.printed)?.[1]].join(' ')).toBe(rotate);
  }
  let { printed } = first;

  for (const step of [...(mend === undefined ? [] : [mend]), ...follow]) {
    if (typeof step === 'string' && !step.startsWith('aws ')) {
      const line = advisedIn(printed, `zilliz-rotation ${step}`, values).replace('zilliz-rotation ', '');
      const advised = await runLine(line, world);
      // `status` exits with 3 while it reports a problem.
      expect(advised.code === 3 && step.startsWith('status') ? 0 : advised.code, advised.printed).toBe(0);
      printed += advised.printed;
    } else {
      await (typeof step === 'function' ? step(world) : runAws(advisedIn(printed, step, values), world));
      // The operator repeats the command.
      printed += (await runLine(`status ${SECRET}${PLACE_OPTIONS}`, world)).printed;
    }
  }

  expect(new Set(world.connections.slice(before).map((connection) => JSON.stringify(connection)))).toEqual(
    new Set([JSON.stringify(PLACE)]),
  );
  await expectWhole(world, [], afterwards, printed);
}

async function runAws(line: string, world: World): Promise<void> {
  const { service, action, input } = parseAwsCommandLine(line);
  expect([SECRET, world.secret.arn, undefined]).toContain(input['SecretId']);
  expect({ region: input['Region'], profile: input['Profile'] }).toEqual(PLACE);
  await AWS_COMMANDS[`${service} ${action}`]?.(world, input);
}

/** Runs `zilliz-rotation`, for an operator who agrees to every plan. */
async function runLine(line: string, world: World): Promise<{ code: number; printed: string }> {
  const { code, out, err } = await world.run(shellWords(line), { answer: 'yes' });
  return { code, printed: `${err} ${out}`.replaceAll(/\s+/g, ' ') };
}

/** The advised command that begins like this, with the values of its placeholders. */
function advisedIn(printed: string, beginning: string, values: Readonly<Record<string, string>>): string {
  const commands = [...printed.matchAll(/`([^`]+)`/g)].map(([, command = '']) => command);
  const found = commands.find((command) => `${command} `.startsWith(`${beginning} `));
  expect(found, `a command like ${beginning} in: ${printed}`).toBeDefined();
  return Object.entries(values).reduce((line, [name, value]) => line.replaceAll(name, value), found ?? '');
}

async function expectInitHelps(world: World, users: Users): Promise<void> {
  world.passwords.length = 0;
  for (const username of users === 'two' ? [USER, SECOND_USER] : [USER]) {
    world.cluster.setByHand(username, 'Known-password-1');
    world.passwords.push('Known-password-1');
  }

  const status = await world.run(['status', SECRET]);
  expect([status.code, status.out]).toEqual([3, expect.stringContaining(`zilliz-rotation init ${SECRET}`)]);
  const init = await world.run(['init', SECRET, '--yes']);

  expect(init.code, init.out).toBe(0);
  expect(world.passwords).toEqual([]);
  expect(world.rotated.passwordIn(AWSCURRENT)).toBe('Known-password-1');
  await expectWhole(world, [], [], init.out);
}
