import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { createFakeInspection, type FakeInspection } from '../support/fake-inspection.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';
import { giveFunction, removeFunction, type Stories, type Story, untilChangedBack, type World } from './story.ts';

const DOCTOR = 'doctor orders';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:alarms';
const ALARM = { name: 'errors', state: 'OK', actionsEnabled: true, actions: [TOPIC] };
const INVOCATION = {
  Effect: 'Allow',
  Principal: { Service: 'secretsmanager.amazonaws.com' },
  Action: 'lambda:InvokeFunction',
};

type Account = FakeInspection['account'];

const account = ({ aws }: World): Account => aws.inspection.account;
const deployed = (world: World) => account(world).rotationFunction ?? {};
const answers = ({ networkProbe }: World) => networkProbe.answers;

/** The account has this state until somebody deploys. */
function inAccount(state: Partial<Account>, more?: Partial<Story>): Story {
  return untilChangedBack(DOCTOR, account, state, more);
}

/** The policies lack an action until somebody grants it. */
function denied(action: string, more?: Partial<Story>): Story {
  return {
    cause: (world) => account(world).denied.add(action),
    command: DOCTOR,
    follow: [(world) => account(world).denied.delete(action)],
    ...more,
  };
}

/** The story of a secret with a key of the owner. */
function withKey(story: Story): Story {
  return {
    ...story,
    cause: (world) => {
      world.orders.kmsKeyId = 'key-1';
      return story.cause?.(world);
    },
  };
}

function failsTls(code: string): Story {
  return untilChangedBack(DOCTOR, answers, { certificate: { kind: 'failed', code } });
}

/** The function has logged in to the cluster with the current version. */
function logLogin({ orders, clock }: World): void {
  const versionId = orders.store.holder(AWSCURRENT) ?? '';
  const line = { versionId, secretArn: orders.arn, message: '', durationMs: 1, failure: undefined };
  for (const step of ['setSecret', 'testSecret']) {
    orders.lines.push({ ...line, id: `${orders.lines.length}`, at: clock.now(), event: 'step-finished', step });
  }
}

function storeValue(value: string): (world: World) => void {
  return ({ orders }) => orders.store.storeByHand('stored', value);
}

/** The fixes of the checks of `doctor`. Other stories follow the advice that `status` shares. */
export const DOCTOR_STORIES: Stories = {
  'permissions: ask for an action': denied('secretsmanager:RotateSecret', { reads: 'permissions' }),
  'execution-role: deploy the secret': denied('secretsmanager:PutSecretValue'),
  'keys: enable the key': withKey(inAccount({ keyState: 'Disabled' }, { follow: ['aws kms enable-key'] })),
  'keys: cancel the deletion': withKey(
    inAccount({ keyState: 'PendingDeletion' }, { follow: ['aws kms cancel-key-deletion', 'aws kms enable-key'] }),
  ),
  'keys: a key that does not exist': withKey(
    inAccount(
      { keyState: undefined },
      {
        follow: [
          storeValue(documentOf(OLD_PASSWORD)),
          'aws secretsmanager update-secret',
          (world) => Object.assign(account(world), { keyState: 'Enabled' }),
        ],
        values: { 'KEY-ARN': 'key-2' },
      },
    ),
  ),
  'keys: give the construct the key': withKey(denied('kms:GenerateDataKey')),
  'keys: ask for kms:Decrypt': {
    cause: ({ orders }) => {
      orders.store.undecryptable.add('orders-v1');
      orders.store.storeByHand('v2', documentOf(NEW_PASSWORD));
    },
    command: DOCTOR,
    follow: [
      ({ orders, cluster }) => {
        orders.store.undecryptable.clear();
        cluster.setByHand('app', NEW_PASSWORD);
      },
    ],
  },
  'own-password: rotate': { command: DOCTOR, follow: ['zilliz-rotation rotate'] },
  'function: none': { cause: removeFunction, command: DOCTOR, follow: [giveFunction] },
  'function: gone': inAccount(
    { rotationFunction: undefined },
    {
      reads: 'npx cdk destroy',
      follow: [
        { run: 'npx cdk destroy', does: () => undefined },
        {
          run: 'npx cdk deploy',
          does: ({ aws }) => Object.assign(aws.inspection.account, createFakeInspection(aws.environment).account),
        },
      ],
    },
  ),
  'function: other version': untilChangedBack(DOCTOR, deployed, { version: '1.2.2' }, { reads: 'command' }),
  'function: failed': untilChangedBack(DOCTOR, deployed, { state: 'Failed' }),
  'invoke-permission: none': inAccount({ policy: [] }, { follow: ['aws lambda add-permission'] }),
  'invoke-permission: every account': inAccount({ policy: [INVOCATION] }),
  'invoke-permission: another account': inAccount({
    policy: [{ ...INVOCATION, Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } } }],
  }),
  'function-network: rotate once': {
    cause: (world) => {
      logLogin(world);
      world.clock.advance(1000);
      Object.assign(deployed(world), { lastModified: new Date(world.clock.now()).toISOString() });
    },
    command: DOCTOR,
    follow: ['zilliz-rotation rotate'],
  },
  'function-network: check the routes': untilChangedBack(
    DOCTOR,
    deployed,
    { subnetIds: ['subnet-1'] },
    { follow: ['aws ec2 describe-route-tables', logLogin] },
  ),
  'log-group: none': inAccount({ logGroup: undefined }),
  'log-group: keeps its lines for ever': inAccount(
    { logGroup: { retentionDays: undefined } },
    { follow: ['aws logs put-retention-policy'] },
  ),
  'alarms: none': inAccount({ alarms: [] }, { reads: 'topic' }),
  'alarms: without an action': inAccount({ alarms: [{ ...ALARM, actionsEnabled: false }] }),
  'alarms: raised': inAccount({ alarms: [{ ...ALARM, state: 'ALARM' }] }, { reads: 'alarm' }),
  'alarms: nobody has confirmed': inAccount({ subscriptions: { confirmed: 0, pending: 1 } }),
  'alarms: nobody is subscribed': inAccount(
    { subscriptions: { confirmed: 0, pending: 0 } },
    {
      // The person then confirms the mail.
      follow: [
        'aws sns subscribe',
        (world) => Object.assign(account(world), { subscriptions: { confirmed: 1, pending: 0 } }),
      ],
      values: { ADDRESS: 'team@example.com' },
    },
  ),
  'dns: another network': untilChangedBack(DOCTOR, answers, { addresses: { kind: 'failed', code: 'ENOTFOUND' } }),
  'tcp: a closed port': untilChangedBack(DOCTOR, answers, { connection: { kind: 'failed', code: 'ECONNREFUSED' } }),
  'tls: a private authority': {
    cause: ({ files, networkProbe }) => {
      const { handshake } = networkProbe;
      files.set('ca.pem', '-----BEGIN CERTIFICATE-----');
      networkProbe.handshake = async (endpoint, privateCa) =>
        privateCa === undefined
          ? { kind: 'failed', code: 'SELF_SIGNED_CERT_IN_CHAIN' }
          : await handshake(endpoint, privateCa);
    },
    command: DOCTOR,
    follow: ['--ca-file ca.pem'],
  },
  'tls: a certificate that expires soon': untilChangedBack(DOCTOR, answers, {
    certificate: { kind: 'done', value: { validTo: Date.parse('2026-03-06T12:00:00Z'), issuer: 'Example' } },
  }),
  'tls: an expired certificate': failsTls('CERT_HAS_EXPIRED'),
  'tls: another host': failsTls('ERR_TLS_CERT_ALTNAME_INVALID'),
  'tls: a port without TLS': failsTls('EPROTO'),
  'tls: none': {
    cause: storeValue(documentOf(OLD_PASSWORD, { endpoint: ENDPOINT.replace('https', 'http') })),
    command: `${DOCTOR} --allow-plaintext`,
    follow: [({ orders }) => orders.store.storeByHand('v3', documentOf(OLD_PASSWORD))],
    proof: DOCTOR,
  },
  'allowed-host: the function refuses the host': untilChangedBack(DOCTOR, ({ aws }) => aws.environment, {
    ALLOWED_ENDPOINTS: 'milvus.example.com',
  }),
  'document: the secret names no endpoint': {
    cause: storeValue(documentOf(OLD_PASSWORD, { endpoint: undefined })),
    command: DOCTOR,
    follow: [`--endpoint ${ENDPOINT}`],
  },
  'schedule: none': untilChangedBack(DOCTOR, ({ orders }) => orders, { schedule: undefined }),
  'labels: few are free': {
    cause: async ({ orders }) => {
      for (let label = 1; label <= 15; label++) {
        await orders.store.addLabel({ label: `owner-${label}`, to: 'orders-v1' });
      }
    },
    command: DOCTOR,
    follow: [({ orders }) => orders.store.removeLabel({ label: 'owner-1', from: 'orders-v1' })],
    reads: 'labels',
  },
};
