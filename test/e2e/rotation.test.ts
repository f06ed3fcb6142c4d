import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Credentials } from '../../cluster/cluster.ts';
import { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { awsEnvironment } from '../../local/cloud/access.ts';
import { parseDocument, tokenOf } from '../../secret/document.ts';
import {
  currentValue,
  type DeployedRotation,
  deployRotation,
  labelsOf,
  newSecret,
  passwordsOf,
  rotateToItsEnd,
  rotationSettles,
  setRetries,
} from '../support/deployed-rotation.ts';
import { newClusterUser, newPassword, secretsManager, servers } from '../support/servers.ts';

interface Subject {
  readonly name: string;
  readonly user: Credentials;
}

/** RotateSecret → the deployed bundle → a login with the new token, on real servers. */
describe('the deployed rotation', () => {
  let rotation: DeployedRotation;
  let json: Subject;
  let plain: Subject;
  let scheduled: Subject;
  let broken: Subject;
  let tested: Subject;
  const everyPassword = new Set<string>();
  let commandOutput = '';

  beforeAll(async () => {
    json = await subject('tls', (user) => JSON.stringify({ ...fields(user), note: 'survives', answer: 42.0 }));
    plain = await subject('plaintext', tokenOf, (user) => ({ 'zilliz:endpoint': user.endpoint.url }));
    scheduled = await subject('tls', (user) => JSON.stringify(fields(user)));
    broken = await subject('plaintext', (user) => JSON.stringify(fields(user)));
    tested = await subject('tls', (user) => JSON.stringify(fields(user)));
    rotation = await deployRotation(
      [json, plain, scheduled, broken, tested].map(({ name }) => ({
        name,
        schedule: name === scheduled.name ? 'rate(7 days)' : 'rate(300 days)',
      })),
    );
    // Configuring a schedule makes Secrets Manager test the function: wait for those tests to end.
    await Promise.all([json, plain, scheduled, broken, tested].map(({ name }) => rotationSettles(name)));
  }, 120_000);

  async function subject(
    server: 'tls' | 'plaintext',
    value: (user: Credentials) => string,
    tags: (user: Credentials) => Record<string, string> = () => ({}),
  ): Promise<Subject> {
    const user = await newClusterUser(server);
    return { user, name: await newSecret(value(user), tags(user)) };
  }

  function fields({ endpoint, username, password }: Credentials): Record<string, string> {
    return { endpoint: endpoint.url, username, password, token: tokenOf({ username, password }) };
  }

  async function logsIn(user: Credentials, password: string): Promise<boolean> {
    everyPassword.add(password);
    const cluster = createMilvusCluster({ privateCa: servers().access.milvus.tls.caPem });
    return (await cluster.authenticates({ ...user, password })).kind === 'accepted';
  }

  /** The operator's command, as an operator runs it. */
  async function zillizRotation(...args: string[]): Promise<{ exitCode: number | null; output: string }> {
    const { access } = servers();
    const cluster = ['--ca-file', access.caFile, '--allow-endpoint', 'localhost', '--allow-endpoint', '127.0.0.1'];
    const command = spawn(process.execPath, ['cli/main.ts', ...args, ...cluster], {
      env: { PATH: process.env['PATH'], ...awsEnvironment(access) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [command.stdout, command.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    const [exitCode] = (await once(command, 'close')) as [number | null];
    commandOutput += output;
    return { exitCode, output };
  }

  async function expectRotated({ name, user }: Subject, before: string): Promise<void> {
    const { password } = parseDocument(await currentValue(name));
    expect(password).not.toBe(before);
    expect(await logsIn(user, password)).toBe(true);
    expect(await logsIn(user, before)).toBe(false);
  }

  it('passes the test that Secrets Manager runs when the schedule is configured, and rotates nothing by it', async () => {
    const steps = (await rotation.logLines())
      .filter((line) => line.includes(tested.name) && line.includes('"step-finished"'))
      .map((line) => JSON.parse(line) as { step: string; outcome: string });
    expect(steps).toEqual([expect.objectContaining({ step: 'testSecret', outcome: 'tested' })]);
    expect(await logsIn(tested.user, tested.user.password)).toBe(true);
    expect(Object.keys(await labelsOf(tested.name))).toEqual(['AWSCURRENT']);
  });

  it('rotates a JSON secret over TLS with a private authority, and every other key survives', async () => {
    const before = JSON.parse(await currentValue(json.name)) as Record<string, unknown>;
    const token = await rotateToItsEnd(json.name);
    await expectRotated(json, json.user.password);
    const labels = await labelsOf(json.name);
    expect(labels['AWSCURRENT']).toBe(token);
    expect(labels['AWSPENDING']).toBe(token);
    const after = JSON.parse(await currentValue(json.name)) as Record<string, unknown>;
    const password = after['password'] as string;
    expect(after).toEqual({ ...before, password, token: `${json.user.username}:${password}` });
  });

  it('rotates it again by the command, and the label of the version before is retired', async () => {
    const { password: before } = parseDocument(await currentValue(json.name));
    const { exitCode, output } = await zillizRotation('rotate', json.name, '--json');
    expect(output).toContain(json.name);
    expect(exitCode).toBe(0);
    await expectRotated(json, before);
    const labels = await labelsOf(json.name);
    const sent = Object.keys(labels).filter((label) => label.startsWith('zilliz-sent:'));
    expect(sent).toEqual([`zilliz-sent:${labels['AWSCURRENT']}`]);
  });

  it('rotates a plain user:password secret, whose endpoint is a tag, and leaves it plain', async () => {
    await rotateToItsEnd(plain.name);
    await expectRotated(plain, plain.user.password);
    expect(await currentValue(plain.name)).toMatch(new RegExp(`^${plain.user.username}:\\S{40}$`));
  });

  it('rotates by itself when the schedule comes round', async () => {
    const started = await servers().advanceClock(9 * 86_400);
    expect(started.some((arn) => arn.includes(scheduled.name))).toBe(true);
    await rotationSettles(scheduled.name);
    await expectRotated(scheduled, scheduled.user.password);
  });

  it('says what failed and changes nothing when no stored password is in force, and goes on once it is mended', async () => {
    const { name, user } = broken;
    await setRetries(name, 0);
    const elsewhere = newPassword();
    const cluster = createMilvusCluster();
    expect(await cluster.changePassword(user, elsewhere)).toEqual({ kind: 'changed' });

    const token = await rotateToItsEnd(name);
    const failure = (await rotation.logLines())
      .filter((line) => line.includes(token) && line.includes('"step-failed"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(failure).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        step: 'setSecret',
        error_code: 'NONE_IN_FORCE',
        in_force: 'none of the stored',
        retryable: true,
      }),
    ]);
    expect(parseDocument(await currentValue(name)).password).toBe(user.password);
    expect(await logsIn(user, elsewhere)).toBe(true);

    // The operator's repair: the value that is in force, stored by hand.
    const value = JSON.stringify(fields({ ...user, password: elsewhere }));
    await secretsManager().send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
    await rotateToItsEnd(name);
    await expectRotated(broken, elsewhere);
  });

  it('tells the story of a rotation in its log, step by step', async () => {
    const token = (await labelsOf(json.name))['AWSCURRENT'] ?? '';
    const story = (await rotation.logLines())
      .filter((line) => line.includes(token) && line.includes('"step-finished"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(story.map(({ step, outcome }) => `${String(step)}: ${String(outcome)}`)).toEqual([
      'createSecret: created',
      'setSecret: changed',
      'testSecret: tested',
      'finishSecret: promoted',
    ]);
    for (const line of story) {
      expect(line).toMatchObject({
        secret_arn: expect.stringContaining(json.name),
        version_id: token,
        duration_ms: expect.any(Number),
        service: 'zilliz-secret-rotation',
      });
    }
  });

  it('lets no password into any log, template, metric or output', async () => {
    for (const { name, user } of [json, plain, scheduled, broken, tested]) {
      for (const password of [user.password, ...(await passwordsOf(name))]) {
        everyPassword.add(password);
      }
    }
    // The passwords of this file and nothing else: 5 first ones, 5 rotations and 1 changed outside at the least.
    expect(everyPassword.size).toBeGreaterThanOrEqual(11);

    const lines = await rotation.logLines();
    expect(lines.some((line) => line.includes('StepDuration'))).toBe(true);
    expect(commandOutput).toContain('AWSCURRENT');
    const captured = new Map([
      ['function log and metrics', lines.join('\n')],
      ['output of the command', commandOutput],
    ]);
    const { assembly, logFile } = rotation.deployment;
    for (const file of [
      logFile,
      ...textFilesIn(assembly),
      ...textFilesIn(join(servers().access.stateDir, 'aws'), /\.log$/),
    ]) {
      captured.set(file, readFileSync(file, 'utf8'));
    }
    expect([...captured.keys()].some((file) => file.endsWith('.template.json'))).toBe(true);
    expect([...captured.keys()].some((file) => file.endsWith('emulator.log'))).toBe(true);

    const leaks = [...captured].flatMap(([where, text]) =>
      [...everyPassword].flatMap((password) =>
        formsOf(password)
          .filter((form) => text.includes(form))
          .map(() => where),
      ),
    );
    expect(leaks).toEqual([]);
  });
});

/** Not those of cluster/redaction.ts: a test that shared its list would share its gaps. */
function formsOf(password: string): string[] {
  const bytes = Buffer.from(password);
  return [
    password,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(password),
    JSON.stringify(password).slice(1, -1),
    // As part of `user:password` in base64, whose alignment depends on what stands before it.
    ...[1, 2].map((shift) =>
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .slice(4, -4),
    ),
  ];
}

function textFilesIn(folder: string, name: RegExp = /\.(json|log|txt|yaml|m?js)$/): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => name.test(file) && statSync(file).isFile());
}
