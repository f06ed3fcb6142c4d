import { IAM } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployKeySecret } from '../../bench/cloud/key-secret.ts';
import { startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import { withLocalMilvus } from '../../local/servers/milvus-client.ts';
import { formatPinsLocation } from '../../protocol/secret/pins.ts';
import { SECRET_TARGETS } from '../../protocol/secret/rotated-secrets.ts';
import { newSecret, newUserWithSecret } from '../support/deployed-rotation.ts';
import { scheduleRotation } from '../support/deployed-stack.ts';
import { leakedForms } from '../support/password-forms.ts';
import { awsOptions, createdPasswords, newClusterUser, secretsManager, servers } from '../support/servers.ts';
import { policyOf } from './support/identities.ts';
import { onePort } from './support/one-port.ts';
import { printedByCommands, runCommand, start } from './support/operator-command.ts';
import { strangeAws, strangeMilvus } from './support/planted-differences.ts';

interface Document {
  readonly exitCode: number;
  readonly checks: ReadonlyArray<{ readonly id: string; readonly verdict: string; readonly code: readonly string[] }>;
}

const { milvus } = servers().access;
const root = `root:${milvus.plaintext.rootPassword}`;
let functionArn: string;
let cluster: Awaited<ReturnType<typeof onePort>>;
let adminSecret: string;

beforeAll(async () => {
  const { endpoint, restEndpoint, rootPassword } = milvus.plaintext;
  cluster = await onePort(endpoint, restEndpoint);
  adminSecret = await newSecret(JSON.stringify({ endpoint: cluster.url, username: 'root', password: rootPassword }));
  const { secret } = await newUserWithSecret('plaintext');
  await scheduleRotation([secret]);
  const { RotationLambdaARN = '' } = await secretsManager().describeSecret({ SecretId: secret });
  functionArn = RotationLambdaARN;
});

afterAll(() => cluster.stop());

function idsOf({ checks }: Document, verdict: string): string[] {
  return checks.filter((check) => check.verdict === verdict).map(({ id }) => id);
}

async function temporarySecrets(): Promise<string[]> {
  const { SecretList = [] } = await secretsManager().listSecrets({
    Filters: [{ Key: 'tag-key', Values: ['zilliz:verify'] }],
  });
  return SecretList.map(({ Name = '' }) => Name);
}

async function temporaryUsers(): Promise<string[]> {
  return await withLocalMilvus(milvus.plaintext, root, async (client) => {
    const { usernames } = await client.listUsers();
    return usernames.filter((name) => name.startsWith('zverify_'));
  });
}

async function expectNothingLeft(): Promise<void> {
  expect([await temporarySecrets(), await temporaryUsers()]).toEqual([[], []]);
}

/** Creates the role of a function that was not deployed by the CDK. */
async function allowSecrets(RoleName: string): Promise<void> {
  const iam = new IAM(awsOptions());
  const PolicyDocument = policyOf([{ Action: 'secretsmanager:*' }]);
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: policyOf([{ Action: 'sts:AssumeRole' }]) });
  await iam.putRolePolicy({ RoleName, PolicyName: 'secrets', PolicyDocument });
  iam.destroy();
}

/** As `--help` promises. */
const THREE_MINUTES = 180_000;

/** Nothing that identifies the account, the cluster or a user. */
const IDENTIFIERS = /arn:|\b\d{12}\b|127\.0\.0\.1|localhost|zilliz-verify-|zverify_|user_/;

describe('zilliz-rotation verify on the local cloud', () => {
  it('finds that everything holds with a user that an admin creates, and leaves nothing', async () => {
    const args = ['--function', functionArn, '--endpoint', cluster.url, '--admin-secret', adminSecret];
    const startedAt = Date.now();
    const { code, out, err } = await runCommand('verify', ...args, '--yes', '--json');

    expect(Date.now() - startedAt).toBeLessThan(THREE_MINUTES);
    const document = JSON.parse(out) as Document;
    expect(idsOf(document, 'differs')).toEqual([]);
    expect(code, err + out).toBe(0);
    expect(idsOf(document, 'holds').length).toBeGreaterThanOrEqual(27);
    expect(out).not.toMatch(IDENTIFIERS);
    await expectNothingLeft();
  });

  it('finds that everything holds with an API key, and leaves no key', async () => {
    const keys = await startKeyCloud({ milvus: milvus.plaintext });
    const keyCluster = await onePort(keys.endpoint, keys.restEndpoint);
    const pins = formatPinsLocation({ prefix: 'zilliz/pins', count: 'each', isComplete: true });
    const { functionName, first, secret } = await deployKeySecret(servers(), keys, {
      environment: { [SECRET_TARGETS]: pins },
    });
    const { RotationLambdaARN = '' } = await secretsManager().describeSecret({ SecretId: secret.name });
    await allowSecrets(functionName);
    const args = ['--function', RotationLambdaARN, '--endpoint', keyCluster.url, '--manager', '--like', first.id];
    const { code, out, err } = await runCommand('verify', ...args, '--yes', '--json');
    const headers = { Authorization: `Bearer ${keys.managerKey}` };
    const answer = await fetch(`${keys.controlPlaneUrl}/v2/api-keys?pageSize=100`, { headers });
    const { data } = (await answer.json()) as { data: { apiKeys: Array<{ name: string }> } };
    secret.close();
    await Promise.all([keyCluster.stop(), keys.close()]);

    const document = JSON.parse(out) as Document;
    expect(idsOf(document, 'differs')).toEqual([]);
    expect(code, `${functionName} ${err}${out}`).toBe(0);
    expect(idsOf(document, 'holds')).toEqual(expect.arrayContaining(['sm-steps', 'keys-names', 'zilliz-key-call']));
    expect(data.apiKeys.filter(({ name }) => name.includes('zilliz-verify'))).toEqual([]);
    expect(out).not.toMatch(IDENTIFIERS);
    expect(leakedForms(out + err, [keys.managerKey, first.key])).toEqual([]);
    await expectNothingLeft();
  });

  it('finds three planted differences, and names the code that relies on each', async () => {
    const { endpoint, restEndpoint } = milvus.plaintext;
    const grpc = await strangeMilvus(endpoint);
    const strange = await onePort(grpc.url, restEndpoint);
    const aws = await strangeAws(servers().access.awsUrl);
    const users = [await newClusterUser('plaintext'), await newClusterUser('plaintext')];
    const names = users.map(({ username }) => username).join(',');
    const args = ['--function', functionArn, '--endpoint', strange.url, '--users', names, '--yes', '--json'];
    const input = users.map(({ password }) => `${password}\n`).join('');
    const { code, out, err } = await start(['verify', ...args], { input, env: { AWS_ENDPOINT_URL: aws.url } }).result;
    await Promise.all([grpc.stop(), strange.stop(), aws.stop()]);

    const document = JSON.parse(out) as Document;
    const planted = ['sm-test-of-schedule', 'sm-previous-follows', 'milvus-refusal'];
    expect(idsOf(document, 'differs'), err + out).toEqual(planted);
    expect(code).toBe(3);
    const code_ = document.checks.find(({ id }) => id === 'milvus-refusal')?.code;
    expect(code_).toContain('adapters/grpc/milvus-call.ts');
    expect(out).not.toMatch(IDENTIFIERS);
    await expectNothingLeft();
  });

  it.each(['checking: zilliz-password', 'checking: sm-steps'])(
    'removes everything after Ctrl-C at "%s"',
    async (line) => {
      const args = ['--function', functionArn, '--endpoint', cluster.url, '--admin-secret', adminSecret];
      const running = start(['verify', ...args, '--yes']);
      await expect.poll(() => running.output.err, { timeout: 60_000, interval: 5 }).toContain(line);
      running.signal('SIGINT');

      expect((await running.result).code).toBe(130);
      await expectNothingLeft();
    },
  );

  it('leaves after kill -9 what --clean finds and removes', async () => {
    const args = ['--function', functionArn, '--endpoint', cluster.url, '--admin-secret', adminSecret];
    const running = start(['verify', ...args, '--yes']);
    await expect.poll(() => running.output.err, { timeout: 60_000, interval: 5 }).toContain('checking: sm-steps');
    running.signal('SIGKILL');
    await running.result;
    expect([(await temporarySecrets()).length, (await temporaryUsers()).length]).toEqual([1, 1]);

    const withoutAdmin = await runCommand('verify', '--clean', '--yes');
    expect(withoutAdmin.code, withoutAdmin.out).toBe(3);
    const { code, out, err } = await runCommand('verify', '--clean', '--admin-secret', adminSecret, '--yes');
    expect(code, out + err).toBe(0);
    await expectNothingLeft();
  });

  it('prints no password', () => {
    const { rootPassword } = milvus.plaintext;
    expect(leakedForms(printedByCommands(), [...createdPasswords, rootPassword])).toEqual([]);
  });
});
