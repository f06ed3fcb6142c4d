import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { S3 } from '@aws-sdk/client-s3';
import { SNS } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsOptions, LOCAL_REGION } from '../../local/cloud/access.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { expectRotated } from '../support/deployed-rotation.ts';
import { awsOptions, canLogIn, changePasswordOutside } from '../support/servers.ts';
import { assumeRole, createUser } from './support/identities.ts';
import { createStack, type MemberAccount, SECRET } from './support/member-account.ts';
import { commandsOf, Organisation } from './support/organisation.ts';
import { subscribe } from './support/subscriber.ts';

const STACK_SET = `zilliz-rotation-${LOCAL_REGION}`;
/** No account of the organisation. */
const STRANGER = { account: '999999999999', region: LOCAL_REGION };

let organisation: Organisation;
let central: AwsOptions;

beforeAll(async () => {
  organisation = await Organisation.start();
  central = organisation.central;
});

afterAll(() => organisation.aws.stop());

describe('docs/organisation.md', () => {
  let newcomer: MemberAccount;
  let orders: MemberAccount;
  let search: MemberAccount;
  let late: MemberAccount;
  let users: Readonly<Record<'orders' | 'search', Credentials>>;
  let topic: string;
  let received: () => Promise<readonly string[]>;

  test('deploys into the accounts of the unit', async () => {
    [orders, search] = await Promise.all([organisation.join('orders'), organisation.join('search')]);
    const local = '--parameters ParameterKey=AllowedEndpoints,ParameterValue=127.0.0.1';
    await organisation.follow('Deploy into all accounts', { '--parameters': local });
    await organisation.untilStacks(STACK_SET, [orders, search]);
    const printed = await organisation.bash(commandsOf('Deploy into all accounts').at(-1) ?? '');
    const expected = [orders, search].map(({ account }) => `${account}\tSUCCEEDED`);
    expect(printed.split('\n').toSorted()).toEqual(expected.toSorted());
    await organisation.follow('Alarms of all accounts');
    topic = await organisation.bash('echo "$TOPIC"');
    received = await subscribe(central, topic);
  });

  test('lets each account of the organisation read the code, and no other account', async () => {
    const Bucket = await organisation.bash('echo "$BUCKET"');
    const s3 = (options: AwsOptions): S3 => new S3({ ...options, forcePathStyle: true });
    const { Contents = [] } = await s3(central).listObjectsV2({ Bucket });
    expect(Contents).toHaveLength(2);
    const object = { Bucket, Key: Contents[0]?.Key };
    expect((await s3(orders.options).getObject(object)).ContentLength).toBe(Contents[0]?.Size);
    await expect(s3(awsOptions(central.endpoint, STRANGER)).getObject(object)).rejects.toThrow('Access Denied');
  });

  test('gives a new account rotation without another step of the platform team', async () => {
    newcomer = await organisation.join('newcomer');
    await organisation.untilStacks(STACK_SET, [orders, search, newcomer]);
    const user = await newcomer.createSecret();
    for (const block of commandsOf('Rotate a secret of an account')) {
      const script = block
        .replaceAll('https://HOST:PORT', user.endpoint.url)
        .replaceAll('Username=orders', `Username=${user.username}`);
      await organisation.bash(script, { AWS_ACCESS_KEY_ID: newcomer.account });
      await (await newcomer.secret()).until();
    }
    await expectRotated(await newcomer.secret(), user);

    const rotate = async (member: MemberAccount): Promise<Credentials> => {
      const created = await member.createSecret();
      await member.rotateAsOwner(created);
      await expectRotated(await member.secret(), created);
      return created;
    };
    users = { orders: await rotate(orders), search: await rotate(search) };
  });

  test('updates the code in all accounts, and a later account gets it too', async () => {
    const before = await Promise.all([newcomer, orders, search].map((member) => member.codeOfFunction()));
    const { version, sha256 } = organisation.writeNextRelease();
    await organisation.bash(commandsOf('Deploy into all accounts')[1] ?? '');
    const local = '--parameters ParameterKey=AllowedEndpoints,UsePreviousValue=true';
    await organisation.follow('Update all accounts', { '--parameters': local });
    await organisation.untilStacks(STACK_SET, [newcomer, orders, search]);
    late = await organisation.join('late');
    await organisation.untilStacks(STACK_SET, [newcomer, orders, search, late]);

    const updated = { sha256, description: expect.stringContaining(version), allowedEndpoints: '127.0.0.1' };
    expect(before).not.toContainEqual(updated);
    const after = await Promise.all([newcomer, orders, search, late].map((member) => member.codeOfFunction()));
    expect(after).toEqual([updated, updated, updated, updated]);
    await orders.rotateAgain(users.orders);
  });

  test('lists every account without a finding, and only for the role of the pipeline', async () => {
    await organisation.createPipelineRole();
    await organisation.untilStacks('zilliz-rotation-inventory', [newcomer, orders, search, late]);
    const { exitCode, findings } = await organisation.runInventory();
    expect(exitCode).toBe(0);
    // The late account has no secret.
    const names = [newcomer, orders, search].map(({ account }) => `${account} ${SECRET}`);
    expect(findings).toEqual(Object.fromEntries(names.map((name) => [name, []])));
    const role = `arn:aws:iam::${orders.account}:role/zilliz-rotation-inventory`;
    await expect(assumeRole(central, role)).rejects.toThrow('not authorized to perform: sts:AssumeRole');
  });

  test('sends the alarm of a failed rotation to the central topic', async () => {
    const secret = await search.secret();
    await changePasswordOutside({ ...users.search, password: await secret.password() });
    await secret.setRetries(0);
    await received();
    await secret.aws.rotateSecret({ SecretId: secret.name, RotationRules: { AutomaticallyAfterDays: 1 } });
    await secret.until();
    const alarm = new RegExp(`"AlarmName": "[^"]*RotationFailed.*"AWSAccountId": "${search.account}"`, 's');
    expect(await received()).toContainEqual(expect.stringMatching(alarm));
  });

  test('sends the event of an abandoned rotation to the central topic, and no message of a person', async () => {
    const secret = await newcomer.secret();
    await secret.abandonRotation(await secret.value());
    const abandoned = `RotationAbandoned: ${secret.name}`;
    await expect.poll(received).toContainEqual(expect.stringContaining(abandoned));

    const person = new SNS(await createUser(newcomer.options, [{ Action: 'sns:Publish' }]));
    await expect(person.publish({ TopicArn: topic, Message: 'by a person' })).rejects.toThrow('not authorized');
  });

  // test/examples/organisation.test.ts has the metrics that it searches.
  test('creates a central dashboard, and links all accounts', async () => {
    await organisation.follow('A dashboard of all accounts');
    await organisation.untilStacks(`zilliz-rotation-link-${LOCAL_REGION}`, [newcomer, orders, search, late]);
    const dashboard = { DashboardName: `zilliz-rotation-${LOCAL_REGION}` };
    const { DashboardBody = '' } = await new CloudWatch(central).getDashboard(dashboard);
    expect(JSON.parse(DashboardBody)).toMatchObject({ widgets: [{}, {}] });
    expect(DashboardBody.match(/"\$\{PROP\('AccountLabel'\)\} \$\{PROP\('AccountId'\)\}"/g)).toHaveLength(2);
  });

  test('links no account of another organisation', async () => {
    const Sink = await organisation.bash('echo "$SINK"');
    const stack = createStack(awsOptions(central.endpoint, STRANGER), 'link', 'dashboard-link.yaml', { Sink });
    await expect(stack).rejects.toThrow('does not allow a link');
  });

  test('fails the pipeline and names each account in which the deployment of a StackSet failed', async () => {
    const [, , deployments = ''] = commandsOf('Inventory of all accounts');
    expect(await organisation.bash(deployments)).toBe('');
    // No account can link to a sink that does not exist.
    const [, link = ''] = commandsOf('A dashboard of all accounts');
    await organisation.bash(
      link.replaceAll('zilliz-rotation-link-$AWS_REGION', 'failing').replace('$SINK', '$SINK-absent'),
    );
    const members = [newcomer, orders, search, late];
    await organisation.untilStacks('failing', members, 'FAILED');
    const inFailing = deployments.replace('zilliz-rotation-$AWS_REGION', 'failing');
    const printed = await organisation.bash(`(\n${inFailing}\n) || echo "exit $?"`);
    const named = printed.split('\n').map((line) => line.split('\t')[0] ?? '');
    expect(named.toSorted()).toEqual([...members.map(({ account }) => account), 'exit 1'].toSorted());
  });

  test('refuses a secret that names another user or host than its pins, and a secret without pins', async () => {
    const names = ['milvus/other-user', 'milvus/other-host', 'milvus/unpinned'] as const;
    const [otherUser, otherHost, unpinned] = names;
    const created = await Promise.all(names.map((name) => newcomer.createSecret(name)));
    const [{ endpoint }, { username }] = created as [Credentials, Credentials];
    await newcomer.rotateAsOwner({ endpoint, username: 'orders' }, otherUser);
    await newcomer.rotateAsOwner({ endpoint: { ...endpoint, url: 'https://other.example.com' }, username }, otherHost);
    const { RotationLambdaARN } = await newcomer.secrets.describeSecret({ SecretId: otherUser });
    const RotationRules = { ScheduleExpression: 'rate(30 days)' };
    await newcomer.secrets.rotateSecret({ SecretId: unpinned, RotationLambdaARN, RotationRules });
    await (await newcomer.secret(unpinned)).until();
    expect(await Promise.all(names.map((name) => newcomer.failuresOf(name)))).toEqual([
      ['CURRENT_INVALID'],
      ['ENDPOINT_REFUSED'],
      ['PINS_UNREADABLE'],
    ]);
    expect(await Promise.all(created.map((user) => canLogIn(user)))).toEqual([true, true, true]);
  });

  test('fails the inventory if a rotation is overdue, off, refused or cannot run', async () => {
    await orders.secrets.cancelRotateSecret({ SecretId: SECRET });
    await newcomer.forbidInvocation();
    const { exitCode, failing } = await organisation.runInventory(3);
    expect(exitCode).toBe(3);
    expect(failing).toMatchObject({
      [`${orders.account} ${SECRET}`]: ['rotation-off'],
      [`${search.account} ${SECRET}`]: ['overdue'],
      [`${newcomer.account} ${SECRET}`]: ['function-not-invocable'],
      [`${newcomer.account} milvus/unpinned`]: ['function-not-invocable', 'not-configured'],
    });
  });
});
