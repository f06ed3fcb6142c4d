import { ZILLIZ_CLOUD_DOMAINS } from '../../protocol/cluster/endpoint.ts';
import type { EndpointOptions } from '../../protocol/credential/stored-credential.ts';
import type { Aws, AwsConnection } from '../aws/aws.ts';
import type { ClusterConnection, CommandPorts } from '../command-ports.ts';
import { UsageError } from '../outcome/failure.ts';
import { type ClusterOptions, DEFAULT_TRANSPORT, type SharedOptions } from './options.ts';

/** Reads an empty value as unset, because an environment variable can be empty. */
export function endpointOptions({ endpoint, allowEndpoint = [], ...options }: ClusterOptions): EndpointOptions {
  return {
    configured: endpoint || undefined,
    howToConfigure: 'give --endpoint https://host[:port]',
    rules: {
      allowed: allowEndpoint.length > 0 ? allowEndpoint : ZILLIZ_CLOUD_DOMAINS,
      allowPlaintext: options.allowPlaintext === true,
    },
  };
}

/** @throws UsageError if the file of `--ca-file` cannot be read or holds no PEM certificate */
export function readClusterConnection(options: ClusterOptions, ports: CommandPorts): ClusterConnection {
  return { transport: options.transport ?? DEFAULT_TRANSPORT, privateCa: readPrivateCa(options, ports) };
}

function readPrivateCa({ caFile }: ClusterOptions, { readFile }: CommandPorts): string | undefined {
  if (caFile === undefined || caFile === '') {
    return undefined;
  }
  let text: string;
  try {
    text = readFile(caFile);
  } catch (error) {
    const { code = 'unknown reason' } = error as { code?: string };
    throw new UsageError(`--ca-file ${caFile} cannot be read (${code}).`, 'Correct the path or its permissions.');
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new UsageError(
      `--ca-file ${caFile} holds no certificate.`,
      'Give a file with PEM: -----BEGIN CERTIFICATE-----.',
    );
  }
  return text;
}

/**
 * The region and profile of a secret.
 *
 * @throws UsageError if `--region` contradicts the ARN
 */
export function connectionFor(secretId: string, { region, profile }: SharedOptions): AwsConnection {
  // A name has no region.
  const [, arnRegion] = /^arn:[^:]+:secretsmanager:([a-z0-9-]+):/.exec(secretId) ?? [];
  if (arnRegion !== undefined && region !== undefined && arnRegion !== region) {
    throw new UsageError(
      `--region ${region} contradicts ${secretId}, which is in ${arnRegion}.`,
      'Leave out --region, or correct it.',
    );
  }
  return { region: arnRegion ?? region, profile };
}

/** AWS in the region of a secret. Sends no request. */
export function connectAwsFor(secretId: string, options: SharedOptions, ports: Pick<CommandPorts, 'connectAws'>): Aws {
  return ports.connectAws(connectionFor(secretId, options));
}

/** @throws UsageError if the admin secret is the secret itself, or needs another transport */
export function checkAdminSecret(
  adminSecret: string | undefined,
  secretId: string,
  { transport = DEFAULT_TRANSPORT }: ClusterOptions,
): void {
  if (adminSecret === secretId) {
    throw new UsageError('--admin-secret names the secret that the command changes.', 'Name the secret of an admin.');
  }
  if (adminSecret !== undefined && transport !== 'grpc') {
    // Over REST, the command could not tell a missing user from a user without roles: the cluster
    // gives the same answer for both.
    throw new UsageError(`--admin-secret works over gRPC only, not over ${transport}.`, 'Give --transport grpc.');
  }
}
