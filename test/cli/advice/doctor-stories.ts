import { AWSCURRENT } from '../../../secret/versions.ts';
import { COMMAND_VERSION } from '../support/fake-inspection.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';
import { giveFunction, removeFunction, type Stories, type World } from './story.ts';

const DOCTOR = 'doctor orders';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:alarms';
const HEALTHY_ALARM = { name: 'errors', state: 'OK', actionsEnabled: true, actions: [TOPIC] };

type Change = (world: World) => unknown;

const account = ({ aws }: World) => aws.inspection.account;
const answers = ({ networkProbe }: World) => networkProbe.answers;

/** The person changes the account: deploys, or has somebody grant a permission. */
function change(to: Partial<ReturnType<typeof account>>): Change {
  return (world) => Object.assign(account(world), to);
}

function deployed(part: Record<string, unknown>): Change {
  return (world) => {
    const { rotationFunction } = account(world);
    Object.assign(account(world), { rotationFunction: { ...rotationFunction, ...part } });
  };
}

function certificate(validForDays: number): Change {
  return (world) => {
    const validTo = world.clock.now() + validForDays * 86_400_000;
    answers(world).certificate = { kind: 'done', value: { validTo, issuer: 'Example' } };
  };
}

function failsTls(code: string): Change {
  return (world) => {
    answers(world).certificate = { kind: 'failed', code };
  };
}

/** The function has logged in to the cluster with the current version. */
function logLogin({ orders, clock }: World): void {
  const versionId = orders.store.holder(AWSCURRENT) ?? '';
  const line = { versionId, secretArn: orders.arn, message: '', durationMs: 1, failure: undefined };
  for (const step of ['setSecret', 'testSecret']) {
    orders.lines.push({ ...line, id: `${orders.lines.length}`, at: clock.now(), event: 'step-finished', step });
  }
}

/** Lets the checks of the role and of this identity find what the test denies. */
function denied(action: string): { readonly cause: Change; readonly granted: Change } {
  return {
    cause: (world) => account(world).denied.add(action),
    granted: (world) => account(world).denied.delete(action),
  };
}

const permissions = denied('secretsmanager:RotateSecret');
const role = denied('secretsmanager:PutSecretValue');
const key = denied('kms:GenerateDataKey');

/** The fixes of the checks of `doctor`. Other stories follow the advice that `status` shares. */
export const DOCTOR_STORIES: Stories = {
  'permissions: ask for an action': {
    cause: permissions.cause,
    command: DOCTOR,
    follow: [permissions.granted],
    reads: 'permissions',
  },
  'execution-role: deploy the secret': { cause: role.cause, command: DOCTOR, follow: [role.granted] },
  'keys: enable the key': {
    cause: (world) => {
      world.orders.kmsKeyId = 'key-1';
      account(world).keyState = 'Disabled';
    },
    command: DOCTOR,
    follow: ['aws kms enable-key'],
  },
  'keys: cancel the deletion': {
    cause: (world) => {
      world.orders.kmsKeyId = 'key-1';
      account(world).keyState = 'PendingDeletion';
    },
    command: DOCTOR,
    follow: ['aws kms cancel-key-deletion', 'aws kms enable-key'],
  },
  'keys: a key that does not exist': {
    cause: (world) => {
      world.orders.kmsKeyId = 'key-1';
      account(world).keyState = undefined;
    },
    command: DOCTOR,
    follow: [
      ({ aws }) => aws.secret('orders').store.storeByHand('v2', documentOf(OLD_PASSWORD)),
      'aws secretsmanager update-secret',
      change({ keyState: 'Enabled' }),
    ],
    values: { 'KEY-ARN': 'key-2' },
  },
  'keys: give the construct the key': {
    cause: (world) => {
      world.orders.kmsKeyId = 'key-1';
      key.cause(world);
    },
    command: DOCTOR,
    follow: [key.granted],
  },
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
  'function: none': {
    cause: removeFunction,
    command: DOCTOR,
    follow: [giveFunction],
  },
  'function: gone': {
    reads: 'npx cdk destroy',
    cause: change({ rotationFunction: undefined }),
    command: DOCTOR,
    follow: [
      { run: 'npx cdk destroy', does: () => undefined },
      {
        run: 'npx cdk deploy',
        does: (world) =>
          deployed({
            state: 'Active',
            lastUpdate: 'Successful',
            runtime: 'nodejs24.x',
            version: COMMAND_VERSION,
            roleArn: 'arn:aws:iam::000000000000:role/rotation',
            logGroup: 'group',
            lastModified: '',
            environment: {},
            subnetIds: [],
          })(world),
      },
    ],
  },
  'function: other version': {
    reads: 'command',
    cause: deployed({ version: '1.2.2' }),
    command: DOCTOR,
    follow: [deployed({ version: COMMAND_VERSION })],
  },
  'function: failed': {
    cause: deployed({ state: 'Failed' }),
    command: DOCTOR,
    follow: [deployed({ state: 'Active' })],
  },
  'invoke-permission: none': { cause: change({ policy: [] }), command: DOCTOR, follow: ['aws lambda add-permission'] },
  'invoke-permission: every account': {
    cause: change({
      policy: [
        { Effect: 'Allow', Principal: { Service: 'secretsmanager.amazonaws.com' }, Action: 'lambda:InvokeFunction' },
      ],
    }),
    command: DOCTOR,
    follow: [invocableFrom('000000000000')],
  },
  'invoke-permission: another account': {
    cause: (world) => invocableFrom('111111111111')(world),
    command: DOCTOR,
    follow: [invocableFrom('000000000000')],
  },
  'function-network: rotate once': {
    cause: (world) => {
      logLogin(world);
      world.clock.advance(1000);
      return deployed({ lastModified: new Date(world.clock.now()).toISOString() })(world);
    },
    command: DOCTOR,
    follow: ['zilliz-rotation rotate'],
  },
  'function-network: check the routes': {
    cause: deployed({ subnetIds: ['subnet-1'] }),
    command: DOCTOR,
    follow: ['aws ec2 describe-route-tables', logLogin],
  },
  'log-group: none': {
    cause: change({ logGroup: undefined }),
    command: DOCTOR,
    follow: [change({ logGroup: { retentionDays: 90 } })],
  },
  'log-group: keeps its lines for ever': {
    cause: change({ logGroup: { retentionDays: undefined } }),
    command: DOCTOR,
    follow: ['aws logs put-retention-policy'],
  },
  'alarms: none': {
    cause: change({ alarms: [] }),
    command: DOCTOR,
    follow: [change({ alarms: [HEALTHY_ALARM] })],
    reads: 'topic',
  },
  'alarms: raised': {
    reads: 'alarm',
    cause: change({ alarms: [{ ...HEALTHY_ALARM, state: 'ALARM' }] }),
    command: DOCTOR,
    follow: [change({ alarms: [HEALTHY_ALARM] })],
  },
  'alarms: nobody is subscribed': {
    cause: change({ subscriptions: { confirmed: 0, pending: 0 } }),
    command: DOCTOR,
    // The person then confirms the mail.
    follow: ['aws sns subscribe', change({ subscriptions: { confirmed: 1, pending: 0 } })],
    values: { ADDRESS: 'team@example.com' },
  },
  'dns: another network': {
    cause: (world) => {
      answers(world).addresses = { kind: 'failed', code: 'ENOTFOUND' };
    },
    command: DOCTOR,
    follow: [
      (world) => {
        answers(world).addresses = { kind: 'done', value: ['192.0.2.1'] };
      },
    ],
  },
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
  'tls: a certificate that expires soon': { cause: certificate(5), command: DOCTOR, follow: [certificate(90)] },
  'tls: an expired certificate': { cause: failsTls('CERT_HAS_EXPIRED'), command: DOCTOR, follow: [certificate(90)] },
  'tls: another host': { cause: failsTls('ERR_TLS_CERT_ALTNAME_INVALID'), command: DOCTOR, follow: [certificate(90)] },
  'tls: a port without TLS': { cause: failsTls('EPROTO'), command: DOCTOR, follow: [certificate(90)] },
  'tls: none': {
    cause: ({ orders }) =>
      orders.store.storeByHand('v2', documentOf(OLD_PASSWORD, { endpoint: ENDPOINT.replace('https', 'http') })),
    command: `${DOCTOR} --allow-plaintext`,
    follow: [({ orders }) => orders.store.storeByHand('v3', documentOf(OLD_PASSWORD))],
    proof: DOCTOR,
  },
  'allowed-host: the function refuses the host': {
    cause: ({ aws }) => {
      aws.environment['ALLOWED_ENDPOINTS'] = 'milvus.example.com';
    },
    command: DOCTOR,
    follow: [({ aws }) => delete aws.environment['ALLOWED_ENDPOINTS']],
  },
  'document: the secret names no endpoint': {
    cause: ({ orders }) => orders.store.storeByHand('v2', documentOf(OLD_PASSWORD, { endpoint: undefined })),
    command: DOCTOR,
    follow: [`--endpoint ${ENDPOINT}`],
  },
  'schedule: none': {
    cause: ({ orders }) => {
      orders.schedule = undefined;
    },
    command: DOCTOR,
    follow: [
      ({ orders }) => {
        orders.schedule = 'rate(30 days)';
      },
    ],
  },
  'labels: few are free': {
    reads: 'labels',
    cause: async ({ orders }) => {
      for (let label = 1; label <= 15; label++) {
        await orders.store.addLabel({ label: `owner-${label}`, to: 'orders-v1' });
      }
    },
    command: DOCTOR,
    follow: [({ orders }) => orders.store.removeLabel({ label: 'owner-1', from: 'orders-v1' })],
  },
};

function invocableFrom(sourceAccount: string): Change {
  return (world) =>
    Object.assign(account(world), {
      policy: [
        {
          Effect: 'Allow',
          Principal: { Service: 'secretsmanager.amazonaws.com' },
          Action: 'lambda:InvokeFunction',
          Condition: { StringEquals: { 'aws:SourceAccount': sourceAccount } },
        },
      ],
    });
}
