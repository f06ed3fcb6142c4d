import { parseEndpoint, TRANSPORTS } from '../../protocol/cluster/endpoint.ts';
import { refuse } from '../outcome/failure.ts';
import { readClusterConnection } from '../terminal/read-options.ts';
import { findFunction, nameFor } from './deployed.ts';
import type { Setup, TemporaryCredential, VerifyPorts } from './run.ts';
import { hexDigits } from './temporary.ts';

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
