import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Deployment } from '../../local/cloud/cdk.ts';
import { PROJECT } from '../../local/project.ts';
import { tokenOf } from '../../protocol/secret/credential-form.ts';
import {
  expectRotated,
  newSecret,
  newUserWithSecret,
  passwordsOf,
  secretNamed,
  type UserWithSecret,
} from '../support/deployed-rotation.ts';
import { DeployedStack, type SecretEntry, scheduleRotation } from '../support/deployed-stack.ts';
import { entriesWith } from '../support/function-log.ts';
import { leakedForms } from '../support/password-forms.ts';
import {
  canLogIn,
  createdPasswords,
  documentOf,
  newClusterUser,
  restEndpoint,
  servers,
  uniqueName,
} from '../support/servers.ts';
import { printedByCommands, runCommand } from './support/operator-command.ts';

const README = readFileSync(join(PROJECT, 'README.md'), 'utf8');
const [, README_FILE = ''] = /^## Deploy\n.*?^ *```yaml\n(.*?)^ *```/ms.exec(README) ?? [];
const [, LAST_STEP = ''] = /^\d\. Rotate once: `npx zilliz-rotation (.*)`$/m.exec(README) ?? [];

/**
 * On real servers: `cdk deploy`, RotateSecret, the deployed function, a login with each password.
 */
describe('the deployed stack', () => {
  let stack: DeployedStack;
  let deployment: Deployment;
  /** The first two are those of the README. */
  let existing: UserWithSecret;
  let created: UserWithSecret;
  let plain: UserWithSecret;
  let overRest: UserWithSecret;

  beforeAll(async () => {
    existing = await newUserWithSecret('tls', { note: 'survives', answer: 42.0 });
    created = { secret: secretNamed(uniqueName('zilliz/created')), user: await newClusterUser('tls') };
    const user = await newClusterUser('plaintext');
    plain = { secret: await newSecret(tokenOf(user)), user };
    const restUser = { ...(await newClusterUser('tls')), endpoint: restEndpoint('tls') };
    overRest = { secret: await newSecret(documentOf(restUser)), user: restUser };

    const [first, second, ...others] = (parse(README_FILE) as { secrets: SecretEntry[] }).secrets;
    expect([first?.['name'], second?.['create'], others]).toEqual(['milvus/orders', 'milvus/search', []]);
    stack = new DeployedStack([
      { ...first, name: existing.secret.name },
      { ...second, create: created.secret.name, ...pinned(created) },
      { name: plain.secret.name, ...pinned(plain), schedule: 'rate(7 days)' },
    ]);
    deployment = await stack.deploy();
  });

  it('passes the test of a new schedule, which rotates nothing', async () => {
    const steps = entriesWith(await stack.logLines(), existing.secret.name, '"step-finished"');
    expect(steps).toEqual([expect.objectContaining({ step: 'testSecret', outcome: 'tested' })]);
    expect(await canLogIn(existing.user)).toBe(true);
    expect(Object.keys(await existing.secret.labels())).toEqual(['AWSCURRENT']);
  });

  it('rotates both secrets of the README with its last step, and keeps every other key', async () => {
    await created.secret.edit({ password: created.user.password });
    const [subcommand = '', ...names] = LAST_STEP.split(' ');
    expect(names).toEqual(['milvus/orders', 'milvus/search']);

    const { code, out, err } = await runCommand(subcommand, existing.secret.name, created.secret.name);

    expect(code, out + err).toBe(0);
    await expectRotated(existing.secret, existing.user);
    await expectRotated(created.secret, created.user);
    const password = await existing.secret.password();
    const { username } = existing.user;
    expect(JSON.parse(await existing.secret.value())).toEqual({
      ...(JSON.parse(documentOf({ ...existing.user, password })) as object),
      ...{ note: 'survives', answer: 42, token: tokenOf({ username, password }) },
    });
  });

  it('rotates a plain user:password at the configured endpoint when its schedule is due', async () => {
    const started = await servers().advanceClock(9 * 86_400);
    expect(started.some((arn) => arn.includes(plain.secret.name))).toBe(true);
    await plain.secret.until();
    await expectRotated(plain.secret, plain.user);
    expect(await plain.secret.value()).toMatch(new RegExp(`^${plain.user.username}:\\S{40}$`));
  });

  it('has no difference in cdk diff after its rotations', async () => {
    const { exitCode, output } = await stack.diff();
    expect(output).toContain('Number of stacks with differences: 0');
    expect(exitCode).toBe(0);
  });

  it('rotates over REST, and the command follows over REST', async () => {
    const { secret, user } = overRest;
    await scheduleRotation([secret], 'rest');
    const { code, out, err } = await runCommand('rotate', secret.name, '--transport', 'rest');
    expect(code, out + err).toBe(0);
    // Over gRPC, at the other endpoint of the same Milvus.
    await expectRotated(secret, { ...user, endpoint: existing.user.endpoint });
  });

  it('writes no password to any log, template, metric or output', async () => {
    const secrets = [existing, created, plain, overRest].map(({ secret }) => secret);
    const passwords = new Set([...createdPasswords, ...(await Promise.all(secrets.map(passwordsOf))).flat()]);
    // 4 first passwords, 1 placeholder and 4 rotations.
    expect(passwords.size).toBeGreaterThanOrEqual(9);

    const lines = await stack.logLines();
    expect(lines.some((line) => line.includes('StepDuration'))).toBe(true);
    expect(printedByCommands()).toContain('AWSCURRENT');
    const { assembly, logFile } = deployment;
    const files = [logFile, ...textFilesIn(assembly), ...textFilesIn(join(servers().access.stateDir, 'aws'), /\.log$/)];
    expect(files.some((file) => file.endsWith('.template.json'))).toBe(true);
    expect(files.some((file) => file.endsWith('emulator.log'))).toBe(true);

    expect(leakedForms(lines.join('\n'), passwords)).toEqual([]);
    expect(leakedForms(printedByCommands(), passwords)).toEqual([]);
    expect(files.filter((file) => leakedForms(readFileSync(file, 'utf8'), passwords).length > 0)).toEqual([]);
  });
});

function pinned({ user: { endpoint, username } }: UserWithSecret): { endpoint: string; username: string } {
  return { endpoint: endpoint.url, username };
}

function textFilesIn(folder: string, name: RegExp = /\.(json|log|txt|yaml|m?js)$/): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => name.test(file) && statSync(file).isFile());
}
