import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { S3 } from '@aws-sdk/client-s3';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeRelease } from '../../build/release/write-release.ts';
import { type AwsOptions, awsEnvironment, LOCAL_ACCOUNT, LOCAL_REGION } from '../../local/cloud/access.ts';
import { deployStack } from '../../local/cloud/cdk.ts';
import { setRetries } from '../../local/cloud/emulator-control.ts';
import { NODE_BIN, PROJECT, TESTS_BIN } from '../../local/project.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { LOG_FIELD } from '../../telemetry/log-line.ts';
import { rotationSettles } from '../support/deployed-rotation.ts';
import { entriesWith, logGroupOf, logLinesIn } from '../support/function-log.ts';
import {
  awsOptions,
  canLogIn,
  changePasswordOutside,
  documentOf,
  newClusterUser,
  servers,
} from '../support/servers.ts';
import { type EnforcedAws, startEnforcedAws } from './support/enforced-aws.ts';
import { subscribe } from './support/subscriber.ts';

const run = promisify(execFile);

/** The blocks of commands below each heading of the page. */
const BLOCKS: ReadonlyMap<string, readonly string[]> = new Map(
  readFileSync(join(PROJECT, 'docs', 'organisation.md'), 'utf8')
    .split(/^## /m)
    .map((section) => [
      section.split('\n', 1)[0] ?? '',
      [...section.matchAll(/^ *```sh\n(.*?)^ *```/gms)].map(([, block = '']) => block),
    ]),
);

/** The secret of each account. */
const SECRET = 'milvus/orders';

const folder = mkdtempSync(join(servers().access.stateDir, 'organisation-'));
let aws: EnforcedAws;

beforeAll(async () => {
  aws = await startEnforcedAws();
  await writeRelease(PROJECT, join(folder, 'release'));
  symlinkSync(join(PROJECT, 'examples'), join(folder, 'examples'));
  // Runs the command of this clone.
  const npx = `#!/bin/sh\nshift\nexec node '${join(PROJECT, 'cli', 'main.ts')}' "$@"\n`;
  writeFileSync(join(folder, 'npx'), npx, { mode: 0o755 });
  writeFileSync(join(folder, 'variables'), '');
});

afterAll(() => aws.stop());

/** Runs commands in bash as an account, with the variables of the page. @returns what they print */
async function bash(script: string, account = LOCAL_ACCOUNT, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await run('bash', ['--norc', '-euc', `. ./variables\n${script}`], {
    cwd: folder,
    env: {
      ...awsEnvironment(aws.access),
      AWS_ACCESS_KEY_ID: account,
      ALLOWED_ENDPOINTS: '127.0.0.1',
      PATH: [folder, TESTS_BIN, NODE_BIN, process.env['PATH']].join(delimiter),
      ...env,
    },
  });
  return stdout.trim();
}

/**
 * Runs the blocks of a section, and keeps the variables of the page. A reader makes the
 * replacements.
 */
async function follow(heading: string, replacements: Readonly<Record<string, string>> = {}): Promise<void> {
  const keep = 'declare -p OU AWS_REGION ORGANIZATION BUCKET TOPIC >variables 2>/dev/null || true';
  for (const block of BLOCKS.get(heading) ?? []) {
    const script = Object.entries(replacements).reduce((text, [from, to]) => text.replaceAll(from, to), block);
    await bash(`${script}\n${keep}`);
  }
}

/** An account of the organisation, with one secret. */
class Member {
  readonly account: string;
  readonly options: AwsOptions;
  readonly secrets: SecretsManager;

  private constructor(account: string) {
    this.account = account;
    this.options = awsOptions(aws.access.awsUrl, { account, region: LOCAL_REGION });
    this.secrets = new SecretsManager(this.options);
  }

  static async create(name: string): Promise<Member> {
    const create = `aws organizations create-account --account-name ${name} --email ${name}@example.com`;
    return new Member(await bash(`${create} --output text --query CreateAccountStatus.AccountId`));
  }

  /** Creates an account, and moves it into the organizational unit. */
  static async join(name: string): Promise<Member> {
    const member = await Member.create(name);
    await bash(
      `aws organizations move-account --account-id ${member.account} --source-parent-id "${ROOT}" --destination-parent-id "$OU"`,
    );
    return member;
  }

  /** @returns the cluster user of the new secret */
  async createSecret(Name = SECRET): Promise<Credentials> {
    const user = await newClusterUser('plaintext');
    await this.secrets.createSecret({ Name, SecretString: documentOf(user) });
    return user;
  }

  /** Pins the secret and rotates it once, with the commands of the page. */
  async rotateAsOwner(
    { endpoint, username }: Pick<Credentials, 'endpoint' | 'username'>,
    secret = SECRET,
  ): Promise<void> {
    for (const block of BLOCKS.get('Rotate a secret of an account') ?? []) {
      const script = block
        .replaceAll('https://HOST:PORT', endpoint.url)
        .replaceAll('Username=orders', `Username=${username}`)
        .replaceAll('orders-rotation', secret.replace('/', '-'))
        .replaceAll(SECRET, secret);
      await bash(script, this.account);
      await this.rotationSettles(secret);
    }
  }

  async secretArn(SecretId = SECRET): Promise<string> {
    return (await this.secrets.describeSecret({ SecretId })).ARN ?? '';
  }

  async currentPassword(): Promise<string> {
    return parseDocument((await this.secrets.getSecretValue({ SecretId: SECRET })).SecretString ?? '').password;
  }

  async rotationSettles(secret = SECRET): Promise<void> {
    await rotationSettles(await this.secretArn(secret), 'idle', aws.access.awsUrl);
  }

  /** The codes with which steps for the secret failed. */
  async failures(secret: string): Promise<unknown[]> {
    const lines = await logLinesIn(await logGroupOf('zilliz-rotation', this.options), this.options);
    return [
      ...new Set(
        entriesWith(lines, `secret:${secret}-`, LOG_FIELD.errorCode).map((entry) => entry[LOG_FIELD.errorCode]),
      ),
    ];
  }
}

const ROOT = "$(aws organizations list-roots --query 'Roots[0].Id' --output text)";

describe('docs/organisation.md', () => {
  let members: readonly Member[];
  let orders: Member;
  let search: Member;
  let user: Credentials;
  let received: () => Promise<readonly string[]>;

  test('deploys into the accounts of the unit', async () => {
    const unit = await bash(
      `aws organizations create-organizational-unit --parent-id "${ROOT}" --name clusters --output text --query OrganizationalUnit.Id`,
    );
    await follow('Before you start', { 'ou-abcd-12345678': unit });
    [orders, search] = await Promise.all([Member.join('orders'), Member.join('search')]);
    const local = '--parameters ParameterKey=AllowedEndpoints,ParameterValue=127.0.0.1';
    await follow('Deploy into all accounts', { '--parameters': local });
    await deployed([orders, search]);
    await follow('Alarms of all accounts');
    received = await subscribe(awsOptions(aws.access.awsUrl), await bash('echo "$TOPIC"'));
  });

  test('lets each account of the organisation read the code, and no other account', async () => {
    const Bucket = await bash('echo "$BUCKET"');
    const s3 = (options: AwsOptions): S3 => new S3({ ...options, forcePathStyle: true });
    const { Contents = [] } = await s3(awsOptions(aws.access.awsUrl)).listObjectsV2({ Bucket });
    expect(Contents).toHaveLength(2);
    const object = { Bucket, Key: Contents[0]?.Key };
    expect((await s3(orders.options).getObject(object)).ContentLength).toBe(Contents[0]?.Size);
    const stranger = awsOptions(aws.access.awsUrl, { account: '999999999999', region: LOCAL_REGION });
    await expect(s3(stranger).getObject(object)).rejects.toThrow('Access Denied');
  });

  test('gives a new account rotation without another step of the platform team', async () => {
    members = [await Member.join('newcomer'), search, orders];
    await deployed(members);
    const rotate = async (member: Member): Promise<Credentials> => {
      const created = await member.createSecret();
      await member.rotateAsOwner(created);
      await expectRotated(member, created);
      return created;
    };
    [, user] = (await Promise.all(members.map(rotate))) as [Credentials, Credentials];
  });

  test('lists every account without a finding', async () => {
    const [role = '', inventory = ''] = BLOCKS.get('Inventory of all accounts') ?? [];
    await bash(role);
    await deployed(members, 'zilliz-rotation-inventory');
    expect(await exitCodeOf(inventory)).toBe(0);
    expect(findings()).toEqual(Object.fromEntries(members.map(({ account }) => [account, []])));
  });

  test('sends the alarm of a failed rotation to the central topic', async () => {
    await changePasswordOutside({ ...user, password: await search.currentPassword() });
    const SecretId = await search.secretArn();
    await setRetries(aws.access, SecretId, 0);
    await received();
    await search.secrets.rotateSecret({ SecretId, RotationRules: { AutomaticallyAfterDays: 1 } });
    await search.rotationSettles();
    const alarm = new RegExp(`"AlarmName": "[^"]*RotationFailed.*"AWSAccountId": "${search.account}"`, 's');
    expect(await received()).toContainEqual(expect.stringMatching(alarm));
  });

  test('fails the inventory if a rotation is overdue, and lists a rotation that is off', async () => {
    const [, inventory = ''] = BLOCKS.get('Inventory of all accounts') ?? [];
    await orders.secrets.cancelRotateSecret({ SecretId: SECRET });
    expect(await exitCodeOf(inventory, 3)).toBe(3);
    const found = findings();
    expect(found[orders.account]).toEqual(['rotation-off']);
    expect(found[search.account]).toContain('overdue');
    expect(found[members[0]?.account ?? '']).toEqual([]);
  });

  test('refuses a secret that names another user or host than its pins, and a secret without pins', async () => {
    const [member] = members as [Member];
    const names = ['milvus/other-user', 'milvus/other-host', 'milvus/unpinned'] as const;
    const [otherUser, otherHost, unpinned] = names;
    const users = await Promise.all(names.map((name) => member.createSecret(name)));
    const [{ endpoint }, { username }] = users as [Credentials, Credentials];
    await member.rotateAsOwner({ endpoint, username: 'orders' }, otherUser);
    await member.rotateAsOwner({ endpoint: { ...endpoint, url: 'https://other.example.com' }, username }, otherHost);
    const { RotationLambdaARN } = await member.secrets.describeSecret({ SecretId: otherUser });
    const RotationRules = { ScheduleExpression: 'rate(30 days)' };
    await member.secrets.rotateSecret({ SecretId: unpinned, RotationLambdaARN, RotationRules });
    await member.rotationSettles(unpinned);
    expect(await Promise.all(names.map((name) => member.failures(name)))).toEqual([
      ['CURRENT_INVALID'],
      ['ENDPOINT_REFUSED'],
      ['PINS_UNREADABLE'],
    ]);
    expect(await Promise.all(users.map((created) => canLogIn(created)))).toEqual([true, true, true]);
  });

  test('deploys the stage of an account with the CDK, and the secret of the account rotates', async () => {
    const member = await Member.create('staged');
    const created = await member.createSecret();
    const config = join(folder, 'staged.yaml');
    const monitoring = { topicArn: await bash('echo "$TOPIC"') };
    const configuration = { function: { allowedEndpoints: ['127.0.0.1'] }, secrets: [{ name: SECRET }], monitoring };
    // JSON is YAML.
    writeFileSync(config, JSON.stringify(configuration));
    const at = { account: member.account, region: LOCAL_REGION };
    await deployStack(aws.access, PROJECT, folder, 'Pipeline/Staged/*', at, [
      ...['--app', 'node test/e2e/support/organisation-app.ts'],
      ...['--context', `account=${member.account}`, '--context', `config=${config}`],
    ]);
    await member.rotationSettles();
    await member.secrets.rotateSecret({ SecretId: SECRET });
    await member.rotationSettles();
    await expectRotated(member, created);
  });
});

/** Waits as the page says. */
async function deployed(members: readonly Member[], stackSet = 'zilliz-rotation-$AWS_REGION'): Promise<void> {
  const list = (BLOCKS.get('Deploy into all accounts')?.at(-1) ?? '').replace('zilliz-rotation-$AWS_REGION', stackSet);
  const expected = members.map(({ account }) => `${account}\tSUCCEEDED`).toSorted();
  const printed = async (): Promise<string[]> => (await bash(list)).split('\n').toSorted();
  await expect.poll(printed, { timeout: 60_000 }).toEqual(expected);
}

async function expectRotated(member: Member, former: Credentials): Promise<void> {
  const password = await member.currentPassword();
  expect(password).not.toBe(former.password);
  expect(await canLogIn({ ...former, password })).toBe(true);
}

/** @param days by which the clock of the command is ahead */
async function exitCodeOf(script: string, days = 0): Promise<number> {
  const later = `const{now}=Date;Date.now=()=>now()+${days}*864e5`;
  const NODE_OPTIONS = `--import=data:text/javascript,${later}`;
  const printed = await bash(`(\n${script}\n) || code=$?\necho "exit \${code:-0}"`, LOCAL_ACCOUNT, { NODE_OPTIONS });
  return Number(/exit (\d+)/.exec(printed)?.[1]);
}

/** The codes of the findings of each account in inventory.json. */
function findings(): Record<string, string[]> {
  const { secrets } = JSON.parse(readFileSync(join(folder, 'inventory.json'), 'utf8')) as {
    secrets: { arn: string; findings: { code: string }[] }[];
  };
  return Object.fromEntries(secrets.map(({ arn, findings: of }) => [arn.split(':')[4], of.map(({ code }) => code)]));
}
