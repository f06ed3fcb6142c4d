import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import {
  currentPassword,
  currentValue,
  type DeployedRotation,
  deployRotation,
  labelsOf,
  newUserWithPlainSecret,
  newUserWithSecret,
  passwordsOf,
  putValue,
  rotateToItsEnd,
  rotationSettles,
  setRetries,
  type UserWithSecret,
} from '../support/deployed-rotation.ts';
import { entriesWith } from '../support/function-log.ts';
import { leakedForms } from '../support/password-forms.ts';
import { canLogIn, changePasswordOutside, createdPasswords, documentOf, servers } from '../support/servers.ts';
import { expectRotated } from './support/expect-rotated.ts';
import { printedByCommands, runCommand } from './support/operator-command.ts';

/** On real servers: RotateSecret, the deployed function, a login with the new password. */
describe('the deployed rotation', () => {
  let rotation: DeployedRotation;
  let json: UserWithSecret;
  let plain: UserWithSecret;
  let scheduled: UserWithSecret;
  let broken: UserWithSecret;
  let tested: UserWithSecret;
  let secrets: string[];

  beforeAll(async () => {
    json = await newUserWithSecret('tls', { note: 'survives', answer: 42.0 });
    plain = await newUserWithPlainSecret('plaintext');
    scheduled = await newUserWithSecret('tls');
    broken = await newUserWithSecret('plaintext');
    tested = await newUserWithSecret('tls');
    secrets = [json, plain, scheduled, broken, tested].map(({ secret }) => secret);
    rotation = await deployRotation(
      secrets.map((name) => ({ name, schedule: name === scheduled.secret ? 'rate(7 days)' : 'rate(300 days)' })),
    );
  });

  it('passes the test of a new schedule, which rotates nothing', async () => {
    const steps = entriesWith(await rotation.logLines(), tested.secret, '"step-finished"');
    expect(steps).toEqual([expect.objectContaining({ step: 'testSecret', outcome: 'tested' })]);
    expect(await canLogIn(tested.user)).toBe(true);
    expect(Object.keys(await labelsOf(tested.secret))).toEqual(['AWSCURRENT']);
  });

  it('rotates a JSON secret over TLS with a private CA and keeps every other key', async () => {
    const before = JSON.parse(await currentValue(json.secret)) as Record<string, unknown>;
    const version = await rotateToItsEnd(json.secret);
    await expectRotated(json.secret, json.user);
    expect(await labelsOf(json.secret)).toMatchObject({ AWSCURRENT: version, AWSPENDING: version });
    const after = JSON.parse(await currentValue(json.secret)) as Record<string, unknown>;
    const password = after['password'] as string;
    expect(after).toEqual({ ...before, password, token: `${json.user.username}:${password}` });
  });

  it('rotates again with the command and removes the sent label of the previous version', async () => {
    const before = await currentPassword(json.secret);
    const { code, out, err } = await runCommand('rotate', json.secret, '--json');
    expect(out + err).toContain(json.secret);
    expect(code).toBe(0);
    await expectRotated(json.secret, { ...json.user, password: before });
    const labels = await labelsOf(json.secret);
    const sent = Object.keys(labels).filter((label) => label.startsWith('zilliz-sent:'));
    expect(sent).toEqual([`zilliz-sent:${labels['AWSCURRENT']}`]);
  });

  it('rotates a plain user:password secret at the endpoint of its tag and keeps the format', async () => {
    await rotateToItsEnd(plain.secret);
    await expectRotated(plain.secret, plain.user);
    expect(await currentValue(plain.secret)).toMatch(new RegExp(`^${plain.user.username}:\\S{40}$`));
  });

  it('rotates when the schedule is due', async () => {
    const started = await servers().advanceClock(9 * 86_400);
    expect(started.some((arn) => arn.includes(scheduled.secret))).toBe(true);
    await rotationSettles(scheduled.secret);
    await expectRotated(scheduled.secret, scheduled.user);
  });

  it('fails without a change if no stored password is in force, and rotates after an operator has stored it', async () => {
    const { secret, user } = broken;
    await setRetries(secret, 0);
    const outside: Credentials = { ...user, password: await changePasswordOutside(user) };

    const version = await rotateToItsEnd(secret);
    expect(entriesWith(await rotation.logLines(), version, '"step-failed"')).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        step: 'setSecret',
        error_code: 'NONE_IN_FORCE',
        in_force: 'none of the stored',
        retryable: true,
      }),
    ]);
    expect(await currentPassword(secret)).toBe(user.password);
    expect(await canLogIn(outside)).toBe(true);

    await putValue(secret, documentOf(outside));
    await rotateToItsEnd(secret);
    await expectRotated(secret, outside);
  });

  it('logs the outcome of every step', async () => {
    const version = (await labelsOf(json.secret))['AWSCURRENT'] ?? '';
    const finished = entriesWith(await rotation.logLines(), version, '"step-finished"');
    expect(finished.map((entry) => [entry['step'], entry['outcome']])).toEqual([
      ['createSecret', 'created'],
      ['setSecret', 'changed'],
      ['testSecret', 'tested'],
      ['finishSecret', 'promoted'],
    ]);
    for (const entry of finished) {
      expect(entry).toMatchObject({
        secret_arn: expect.stringContaining(json.secret),
        version_id: version,
        duration_ms: expect.any(Number),
        service: 'zilliz-secret-rotation',
      });
    }
  });

  it('writes no password to any log, template, metric or output', async () => {
    const passwords = new Set([...createdPasswords, ...(await Promise.all(secrets.map(passwordsOf))).flat()]);
    // 5 first passwords, 5 rotations and 1 change outside of the secret.
    expect(passwords.size).toBeGreaterThanOrEqual(11);

    const lines = await rotation.logLines();
    expect(lines.some((line) => line.includes('StepDuration'))).toBe(true);
    expect(printedByCommands()).toContain('AWSCURRENT');
    const { assembly, logFile } = rotation.deployment;
    const files = [logFile, ...textFilesIn(assembly), ...textFilesIn(join(servers().access.stateDir, 'aws'), /\.log$/)];
    expect(files.some((file) => file.endsWith('.template.json'))).toBe(true);
    expect(files.some((file) => file.endsWith('emulator.log'))).toBe(true);

    expect(leakedForms(lines.join('\n'), passwords)).toEqual([]);
    expect(leakedForms(printedByCommands(), passwords)).toEqual([]);
    expect(files.filter((file) => leakedForms(readFileSync(file, 'utf8'), passwords).length > 0)).toEqual([]);
  });
});

function textFilesIn(folder: string, name: RegExp = /\.(json|log|txt|yaml|m?js)$/): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => name.test(file) && statSync(file).isFile());
}
