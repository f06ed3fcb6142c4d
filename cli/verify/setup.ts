import { parseEndpoint, TRANSPORTS } from '../../protocol/cluster/endpoint.ts';
import { accountAndRegionOf } from '../../protocol/secret/account-and-region.ts';
import { isPinsLocation, pinsSecretOf } from '../../protocol/secret/pins.ts';
import { formatPattern, formatPins } from '../../protocol/secret/rotated-secrets.ts';
import { type DeployedFunction, readDeployedFunction } from '../aws/deployed-function.ts';
import { readPlace } from '../aws/place.ts';
import { refuse } from '../outcome/failure.ts';
import { searchPlaces } from '../select/search.ts';
import { readClusterConnection } from '../terminal/read-options.ts';
import { accepts } from './observation.ts';
import { measureSpread } from './propagation.ts';
import type { Run, Setup, TemporaryCredential, VerifyPorts } from './run.ts';
import { hexDigits, NAME, tagsOf } from './temporary.ts';

/**
 * Reads what the options name, and refuses what the function would refuse. Changes nothing.
 *
 * @throws FailureError, AwsError, EndpointError
 */
export async function readSetup(ports: VerifyPorts): Promise<Setup> {
  const { options, connectCluster } = ports;
  const deployed = await findFunction(ports);
  const { configured = deployed.config.defaultEndpoint, rules } = ports.endpoints;
  if (configured === undefined) {
    return refuse('endpoint-needed', 'No cluster is named.', 'Give --endpoint URL.');
  }
  const endpoint = parseEndpoint(configured, rules);
  parseEndpoint(endpoint.url, deployed.config.endpointRules);
  const names = nameFor(deployed, hexDigits(ports, 16));
  const connection = readClusterConnection(options, ports);
  const transports = options.transport === undefined ? TRANSPORTS : [options.transport];
  const clusters = new Map(transports.map((transport) => [transport, connectCluster({ ...connection, transport })]));
  return { ...ports, ...names, deployed, endpoint, clusters };
}

/** Finds the function as the other secrets of this account and region name it. @throws AwsError */
export async function findFunction({ options, aws, connectAws }: VerifyPorts): Promise<DeployedFunction> {
  const { function: named, ...search } = options;
  const secrets = named === undefined ? (await searchPlaces(search, connectAws)).selected : [];
  const arns = secrets.map(({ secret }) => secret?.rotationFunctionArn);
  const found = [...new Set([named, ...arns].filter((arn) => arn !== undefined))];
  const [functionArn, ...others] = found;
  if (functionArn === undefined || others.length > 0) {
    const place = (await readPlace(aws)) ?? 'this account and region';
    const message = `The secrets of ${place} name ${found.join(' and ') || 'no rotation function of this product'}, and the command needs one function.`;
    return refuse('function-needed', message, 'Give --function ARN.');
  }
  // The name decides only which pins are read, and the secret does not exist yet.
  const deployed = await readDeployedFunction(functionArn, { ...aws, pins: async () => '{}' }, 'unknown');
  if (typeof deployed === 'string') {
    return refuse('function-unreadable', deployed, 'Remove the cause, and run the command again.');
  }
  if (!deployed.isOurs) {
    const message = `${functionArn} is no rotation function of this product.`;
    return refuse('function-needed', message, 'Give another --function ARN.');
  }
  return deployed;
}

/**
 * The names of temporary secrets that the function accepts.
 *
 * @param id makes the names unique
 * @throws FailureError
 */
function nameFor({ config, functionArn }: DeployedFunction, id: string): Pick<Setup, 'name' | 'pinsName'> {
  const { pins, rotatedSecrets } = config;
  const own = accountAndRegionOf(functionArn).account;
  const folder = rotatedSecrets?.find(({ account = own, resource }) => {
    return account === own && resource.endsWith('*');
  });
  const ofEach = isPinsLocation(pins) && pins.count === 'each';
  // With stacks, the function refuses a secret without an entry in the pins.
  if (folder === undefined || (isPinsLocation(pins) && pins.isComplete && !ofEach)) {
    return refuse(
      'secret-not-accepted',
      `The function rotates only secrets that its configuration names (${rotatedSecrets?.map(formatPattern).join(', ')}).`,
      'Deploy the template of the release with SecretNamePrefix=zilliz-verify/ and the network of the function (docs/start.md#cloudformation), and give its function as --function ARN.',
    );
  }
  const name = `${folder.resource.slice(0, -1)}${NAME}${id}`;
  return { name, pinsName: ofEach ? pinsSecretOf(name, pins) : undefined };
}

/** The steps as sentences, before a yes. */
export function stepsOfPlan(setup: Setup, { step, admin, keys }: TemporaryCredential): string[] {
  const { name, pinsName, endpoint, deployed, options } = setup;
  return [
    `Create the secret ${name}${pinsName === undefined ? '' : `, and ${pinsName} with its pins`}, with the tag zilliz:verify`,
    step,
    `Send wrong and forbidden requests to ${endpoint.url}, and ${keys ? 'create and delete keys' : 'change the password several times'}`,
    `Rotate the secret with ${deployed.functionArn}`,
    'Let other rotations fail on purpose, which raises the alarms about failed and abandoned rotations',
    ...(options.slow ? ['Wait up to an hour for retries and for CloudTrail'] : []),
    `Remove what was created: the secret${admin ? ', the user' : ''}${keys ? ', the keys' : ''}`,
  ];
}

const DESCRIPTION = 'Temporary: zilliz-rotation verify deletes it, or zilliz-rotation verify --clean';

/**
 * Creates the secret, then its user or key, because the tags of the secret name them after a crash.
 *
 * @throws FailureError, AwsError, SecretStoreError, ControlPlaneError
 */
export async function createRun(setup: Setup, credential: TemporaryCredential): Promise<Run> {
  const { aws, randomId, clock, name, pinsName } = setup;
  const { keys, tags } = credential;
  const create = async (created: { name: string; value: string; tags: typeof tags }): Promise<unknown> =>
    await aws.rotation.createSecret({ ...created, versionId: randomId(), description: DESCRIPTION });
  await create({ name, value: '{}', tags });
  const secret = await aws.rotation.describeSecret(name);
  const created = await credential.create(secret);
  const store = aws.store(secret.arn);
  const run: Run = { ...setup, ...credential, ...created, secret, store, startedAt: clock.now() };
  if (pinsName !== undefined) {
    // An admin of the function would reset the password of a pinned user after a failed rotation.
    const pins = keys ? { endpoint: setup.endpoint.url, apiKeyId: created.direct.username } : {};
    await create({ name: pinsName, value: formatPins({ [name]: pins }), tags: tagsOf('pins') });
  }
  // A proxy that does not know the user yet would refuse the first checks. Over one transport,
  // because a check finds out later whether the endpoint serves REST.
  const clusters = new Map([...setup.clusters].slice(0, 1));
  await measureSpread({ ...setup, clusters }, async (cluster) => await accepts(cluster, created.direct));
  return run;
}
