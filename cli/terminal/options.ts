import { type Command, InvalidArgumentError, Option } from 'commander';
import { ZILLIZ_CLOUD_DOMAINS } from '../../cluster/endpoint.ts';
import type { EndpointOptions } from '../../credential/stored-credential.ts';
import { regionOf } from '../aws/aws.ts';
import { parseDuration } from './duration.ts';
import { type Operator, UsageError } from './operator.ts';
import type { TaskListStyle } from './task-list.ts';

/** Options that every command takes, as commander names them. */
export interface SharedOptions {
  readonly region?: string;
  readonly profile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly endpoint?: string;
  readonly allowEndpoint?: readonly string[];
  readonly allowPlaintext?: boolean;
  readonly caFile?: string;
}

export function withSharedOptions(command: Command): Command {
  return command
    .optionsGroup('AWS:')
    .option('--region <region>', "AWS region (default: the ARN's, else as the AWS CLI finds it)")
    .option('--profile <name>', 'profile of the AWS configuration')
    .optionsGroup('Cluster:')
    .addOption(
      new Option('--endpoint <url>', 'the cluster of plain user:password secrets that have no tag zilliz:endpoint').env(
        'CLUSTER_ENDPOINT',
      ),
    )
    .addOption(
      new Option(
        '--allow-endpoint <host>',
        `a host, or .domain, that passwords may be sent to; repeatable or separated by commas, replaces the default (${ZILLIZ_CLOUD_DOMAINS.join(' and ')})`,
      )
        .argParser(hostsOption)
        .env('ALLOWED_ENDPOINTS'),
    )
    .option('--allow-plaintext', 'let passwords travel unencrypted to http:// endpoints other than loopback')
    .addOption(
      new Option('--ca-file <path>', "PEM file of the authority that signed the cluster's certificate").env(
        'CLUSTER_CA_FILE',
      ),
    )
    .optionsGroup('Output:')
    .option('--json', 'print one JSON document on stdout; progress stays on stderr')
    .option('--quiet', 'no progress, the result only');
}

/** A terminal gets spinners, a pipe lines. */
export function taskListStyle(operator: Operator, { quiet }: SharedOptions): TaskListStyle {
  return quiet ? 'silent' : operator.err.isTTY ? 'terminal' : 'lines';
}

/** For commander: a duration such as 90s or 5m, in milliseconds. */
export function durationOption(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) {
    throw new InvalidArgumentError('Expected a duration with its unit, such as 90s, 5m or 1h30m.');
  }
  return milliseconds;
}

/** For commander: a whole number from 1 up. */
export function countOption(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new InvalidArgumentError('Expected a whole number from 1 to 9999.');
  }
  return Number(text);
}

/** For commander: hosts as the rotation function's own ALLOWED_ENDPOINTS names them, added to those given before. */
function hostsOption(text: string, before: readonly string[] | undefined): readonly string[] {
  const hosts = text
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  return [...(before ?? []), ...hosts];
}

/** A variable that is set to nothing counts as one that is not set, as it does for the rotation function. */
export function endpointOptions({ endpoint, allowEndpoint = [], ...options }: SharedOptions): EndpointOptions {
  return {
    configured: endpoint || undefined,
    howToConfigure: 'give --endpoint https://host[:port]',
    rules: {
      allowed: allowEndpoint.length > 0 ? allowEndpoint : ZILLIZ_CLOUD_DOMAINS,
      allowPlaintext: options.allowPlaintext === true,
    },
  };
}

/** @throws UsageError when the file of `--ca-file`, or of CLUSTER_CA_FILE, is no PEM certificate */
export function privateCa(operator: Operator, { caFile }: SharedOptions): string | undefined {
  if (caFile === undefined || caFile === '') {
    return undefined;
  }
  let text: string;
  try {
    text = operator.readFile(caFile);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    throw new UsageError(`--ca-file ${caFile} cannot be read (${typeof code === 'string' ? code : 'unknown reason'}).`);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new UsageError(`--ca-file ${caFile} holds no certificate. Expected PEM: -----BEGIN CERTIFICATE-----.`);
  }
  return text;
}

/**
 * The region to ask about a secret: an ARN names its own.
 *
 * @throws UsageError when `--region` contradicts the ARN
 */
export function regionFor(secretId: string, { region }: SharedOptions): string | undefined {
  const own = regionOf(secretId);
  if (own !== undefined && region !== undefined && own !== region) {
    throw new UsageError(`--region ${region} contradicts ${secretId}, which is in ${own}. Leave one of the two out.`);
  }
  return own ?? region;
}
