import { IAM } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ID } from '../../local/api-keys/control-plane.ts';
import { startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import { asRoot } from '../../local/servers/milvus-client.ts';
import { formatPinsLocation } from '../../protocol/secret/pins.ts';
import { ROTATED_SECRETS, SECRET_TARGETS } from '../../protocol/secret/rotated-secrets.ts';
import { checkedIdsWithout } from '../support/checked-ids.ts';
import { newSecret, newUserWithSecret } from '../support/deployed-rotation.ts';
import { scheduleRotation } from '../support/deployed-stack.ts';
import { deployKeySecret } from '../support/key-secret.ts';
import { leakedForms } from '../support/password-forms.ts';
import { awsOptions, createdPasswords, newClusterUser, secretsManager, servers } from '../support/servers.ts';
import { policyOf } from './support/identities.ts';
import { onePort } from './support/one-port.ts';
import { printedByCommands, runCommand, runInTerminal, start } from './support/operator-command.ts';
import { strangeAws, strangeRest } from './support/planted-differences.ts';

interface Document {
  readonly exitCode: number;
  readonly checks: ReadonlyArray<{ readonly id: string; readonly verdict: string; readonly code: readonly string[] }>;
}

const { milvus } = servers().access;
let functionArn: string;
let cluster: Awaited<ReturnType<typeof onePort>>;
let keys: Awaited<ReturnType<typeof startKeyCloud>>;
let keyCluster: Awaited<ReturnType<typeof onePort>>;
let keySecret: Awaited<ReturnType<typeof deployKeySecret>>;
/** The arguments of `verify` with each temporary credential, and of `verify --clean`. */
let args: Readonly<Record<'user' | 'key', { readonly check: readonly string[]; readonly clean: readonly string[] }>>;

beforeAll(async () => {
  const { endpoint, restEndpoint, rootPassword } = milvus.plaintext;
  cluster = await onePort(endpoint, restEndpoint);
  const root = { endpoint: cluster.url, username: 'root', password: rootPassword };
  const { name: adminSecret } = await newSecret(JSON.stringify(root));
  const { secret } = await newUserWithSecret('plaintext');
  await scheduleRotation([secret]);
  functionArn = await functionOf(secret.name);

  keys = await startKeyCloud(milvus.plaintext);
  keyCluster = await onePort(keys.endpoint, keys.restEndpoint);
  const pins = formatPinsLocation({ prefix: 'zilliz/pins', count: 'each', isComplete: true });
  keySecret = await deployKeySecret(keys, {
    environment: { [ROTATED_SECRETS]: '*', [SECRET_TARGETS]: pins },
  });
  await allowSecrets(keySecret.functionName);
  const project = { projectId: PROJECT_ID, role: 'Admin', allCluster: true, clusterIds: [], allVolume: false };
  const like = keys.createKey({ projects: [{ ...project, volumeIds: [] }] });
  const manager = ['--function', await functionOf(keySecret.secret.name), '--manager'];
  const user = ['--function', functionArn, '--endpoint', cluster.url, '--admin-secret', adminSecret];
  args = {
    user: { check: user, clean: ['--admin-secret', adminSecret] },
    key: { check: [...manager, '--endpoint', keyCluster.url, '--like', like.id], clean: manager },
  };
});

afterAll(() => Promise.all([cluster.stop(), keyCluster.stop(), keys.close()]));

async function functionOf(SecretId: string): Promise<string> {
  const { RotationLambdaARN = '' } = await secretsManager().describeSecret({ SecretId });
  return RotationLambdaARN;
}

function idsOf({ checks }: Document, verdict: string): string[] {
  return checks.filter((check) => check.verdict === verdict).map(({ id }) => id);
}

/** What the command has created and not removed. */
async function leftovers() {
  const Filters = [{ Key: 'tag-key' as const, Values: ['zilliz:verify'] }];
  const { SecretList = [] } = await secretsManager().listSecrets({ Filters });
  const { usernames } = await asRoot(milvus.plaintext, (client) => client.listUsers());
  return {
    secrets: SecretList.length,
    users: usernames.filter((name) => name.startsWith('zverify_')).length,
    keys: keys.directory.all().some(({ fields }) => fields.name.includes('zilliz-verify')),
  };
}

async function expectNothingLeft(): Promise<void> {
  expect(await leftovers()).toEqual({ secrets: 0, users: 0, keys: false });
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
  it('finds that every check of a user holds, also the slow ones, and leaves nothing', async () => {
    const startedAt = Date.now();
    const { code, out, err } = await runCommand('verify', ...args.user.check, '--slow', '--yes', '--json');

    expect(Date.now() - startedAt).toBeLessThan(THREE_MINUTES);
    expect(idsOf(JSON.parse(out), 'holds'), err + out).toEqual(checkedIdsWithout('keys'));
    expect(code, err + out).toBe(0);
    expect(out).not.toMatch(IDENTIFIERS);
    await expectNothingLeft();
  });

  it('finds that every check of an API key holds, and leaves no key', async () => {
    const { code, out, err } = await runCommand('verify', ...args.key.check, '--yes', '--json');

    // The check of the quota can only find that it differs.
    const ids = checkedIdsWithout('user', 'admin', 'slow', 'defaultAddress').filter((id) => id !== 'keys-quota');
    expect(idsOf(JSON.parse(out), 'holds'), err + out).toEqual(ids);
    expect(code, err + out).toBe(0);
    expect(out).not.toMatch(IDENTIFIERS);
    expect(leakedForms(out + err, [keys.managerKey, keySecret.first.key])).toEqual([]);
    await expectNothingLeft();
  });

  it('finds three planted differences, and names the code that relies on each', async () => {
    const { endpoint, restEndpoint } = milvus.plaintext;
    const rest = await strangeRest(restEndpoint);
    const strange = await onePort(endpoint, rest.url);
    const aws = await strangeAws(servers().access.awsUrl);
    const users = [await newClusterUser('plaintext'), await newClusterUser('plaintext')];
    const names = users.map(({ username }) => username).join(',');
    const strangeArgs = ['--function', functionArn, '--endpoint', strange.url, '--users', names, '--yes', '--json'];
    const input = users.map(({ password }) => `${password}\n`).join('');
    const { code, out, err } = await start(['verify', ...strangeArgs], { input, env: { AWS_ENDPOINT_URL: aws.url } })
      .result;
    await Promise.all([rest.stop(), strange.stop(), aws.stop()]);

    const document = JSON.parse(out) as Document;
    const planted = ['milvus-refusal', 'sm-previous-follows', 'sm-test-of-schedule'];
    expect(idsOf(document, 'differs'), err + out).toEqual(planted);
    expect(code).toBe(3);
    const differing = document.checks.find(({ id }) => id === 'milvus-refusal');
    expect(differing?.code).toContain('adapters/milvus-rest-call.ts');
    expect(out).not.toMatch(IDENTIFIERS);
    await expectNothingLeft();
  });

  it('removes everything after Ctrl-C', async () => {
    const running = start(['verify', ...args.user.check, '--yes']);
    await expect
      .poll(() => running.output.err, { timeout: 60_000, interval: 5 })
      .toContain('checking: zilliz-password');
    running.signal('SIGINT');

    expect((await running.result).code).toBe(130);
    await expectNothingLeft();
  });

  it('removes everything if its terminal is closed', async () => {
    const { code } = await runInTerminal([['checking: sm-steps', null]], ['verify', ...args.user.check, '--yes']);

    expect(code).toBe(130);
    await expectNothingLeft();
  });

  it.each([
    ['user', { secrets: 1, users: 1, keys: false }],
    ['key', { secrets: 2, users: 0, keys: true }],
  ] as const)('leaves after kill -9 with a %s what --clean finds and removes', async (subject, left) => {
    const running = start(['verify', ...args[subject].check, '--yes']);
    await expect.poll(() => running.output.err, { timeout: 60_000, interval: 5 }).toContain('checking: sm-steps');
    running.signal('SIGKILL');
    await running.result;
    expect(await leftovers()).toEqual(left);

    const withoutOptions = await runCommand('verify', '--clean', '--yes');
    expect(withoutOptions.code, withoutOptions.out).toBe(3);
    const { code, out, err } = await runCommand('verify', '--clean', ...args[subject].clean, '--yes');
    expect(code, out + err).toBe(0);
    await expectNothingLeft();
  });

  it('prints no password', () => {
    const { rootPassword } = milvus.plaintext;
    expect(leakedForms(printedByCommands(), [...createdPasswords, rootPassword])).toEqual([]);
  });
});
