import { randomBytes } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { spread } from '../../infra/rules/spread.ts';
import { awsOptions, type MilvusName } from '../../local/cloud/access.ts';
import { untilRotation } from '../../local/cloud/emulator-control.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { expectSuccess, withLocalMilvus } from '../../local/milvus/milvus-client.ts';
import { newDocument } from '../../protocol/secret/new-secret.ts';
import { passwords } from '../cloud/cloud-secret.ts';
import { deployRotationStack } from '../cloud/lambda-function.ts';
import { inParallel } from './in-parallel.ts';

export interface FleetSettings {
  readonly secrets: number;
  /** The windows of the secrets open in this number of hours, as with `spreadHours`. */
  readonly spreadHours: number;
  /** Rotations that are tested at the same time when the schedules are stored. */
  readonly concurrency: number;
}

/** A secret for one user of one of the two Milvus servers. */
export interface FleetSecret {
  readonly name: string;
  readonly server: MilvusName;
  readonly username: string;
  readonly password: string;
}

export interface Fleet {
  readonly functionName: string;
  readonly secrets: readonly FleetSecret[];
}

/** The fleet of docs/fleets.md. The window of a secret opens in an hour that its name decides. */
const SCHEDULE = 'cron(0 0 ? * SUN#1 *)';
const DURATION = '1h';

/** Requests in flight to Milvus, and to the emulator for calls that invoke no function. */
const REQUESTS = 16;

/**
 * Creates users and secrets, and deploys the stack with its function and the first secret. The
 * other schedules are stored by API, because 1,000 schedules of CloudFormation take longer than
 * the rotations.
 */
export async function createFleet(cloud: AttachedCloud, settings: FleetSettings): Promise<Fleet> {
  const id = randomBytes(4).toString('hex');
  const secretNamePrefix = `fleet-${id}/`;
  const secrets = Array.from(
    { length: settings.secrets },
    (_, index): FleetSecret => ({
      name: `${secretNamePrefix}${index}`,
      server: index % 2 === 0 ? 'tls' : 'plaintext',
      username: `fleet_${id}_${index}`,
      password: passwords.generate(),
    }),
  );
  await createUsers(cloud, secrets);
  const aws = new SecretsManager(awsOptions(cloud.access));
  await inParallel(secrets, REQUESTS, async ({ name, server, username, password }) => {
    const { endpoint } = cloud.access.milvus[server];
    const SecretString = newDocument({ endpoint, username, password });
    await aws.createSecret({ Name: name, SecretString });
  });
  const [first = '', ...others] = secrets.map(({ name }) => name);
  const schedule = { schedule: SCHEDULE, duration: DURATION, spreadHours: settings.spreadHours };
  const { arn, name: functionName } = await deployRotationStack(cloud, {
    stackName: `Fleet${id}`,
    function: { allowedEndpoints: ['127.0.0.1', 'localhost'], caFile: cloud.access.caFile, secretNamePrefix },
    secrets: [{ name: first, ...schedule }],
  });
  await endOfTest(cloud, first);
  await inParallel(others, settings.concurrency, async (name) => {
    const RotationRules = {
      ScheduleExpression: spread(SCHEDULE, settings.spreadHours, name),
      Duration: DURATION,
    };
    await aws.rotateSecret({ SecretId: name, RotationLambdaARN: arn, RotationRules, RotateImmediately: false });
    await endOfTest(cloud, name);
  });
  aws.destroy();
  return { functionName, secrets };
}

/** Secrets Manager runs testSecret when it stores a schedule. */
async function endOfTest(cloud: AttachedCloud, name: string): Promise<void> {
  const { history } = await untilRotation(cloud.access, name, 'idle', 120);
  const end = history.at(-1)?.event;
  if (end !== 'TestRotationSucceeded') {
    throw new Error(`The test of ${name} ended with ${end} when its schedule was stored.`);
  }
}

/** One client for each server, because building a client takes longer than creating a user. */
async function createUsers(cloud: AttachedCloud, secrets: readonly FleetSecret[]): Promise<void> {
  for (const [name, users] of Map.groupBy(secrets, ({ server }) => server)) {
    const server = cloud.access.milvus[name];
    await withLocalMilvus(server, `root:${server.rootPassword}`, async (root) => {
      await inParallel(users, REQUESTS, async ({ username, password }) => {
        expectSuccess(`create the user ${username}`, await root.createUser({ username, password }));
      });
    });
  }
}
