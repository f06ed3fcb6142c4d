import type { Cluster } from '../../protocol/cluster/cluster.ts';
import { type Endpoint, parseEndpoint, TRANSPORTS, type Transport } from '../../protocol/cluster/endpoint.ts';
import type { DeployedFunction } from '../aws/deployed-function.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { refuse } from '../outcome/failure-error.ts';
import { readClusterConnection } from '../terminal/read-options.ts';
import { findFunction, nameFor } from './deployed.ts';
import { hexDigits, type TemporaryCredential } from './temporary.ts';
import type { VerifyOptions } from './verify-definition.ts';

export interface VerifyPorts extends ChangePorts {
  readonly options: VerifyOptions;
}

/** What is known before the temporary credential. */
export interface Setup extends VerifyPorts {
  /** Of the temporary secret. */
  readonly name: string;
  /** Of the secret with its pins. `undefined`: it needs none. */
  readonly pinsName: string | undefined;
  readonly deployed: DeployedFunction;
  readonly endpoint: Endpoint;
  /** The cluster over each transport that is asked for. */
  readonly clusters: Map<Transport, Cluster>;
}

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

/** The steps as sentences, before a yes. */
export function planOf(setup: Setup, { step, admin, keys }: TemporaryCredential): string[] {
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
