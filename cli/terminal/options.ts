import { isIP } from 'node:net';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { isTransport, TRANSPORTS, type Transport, ZILLIZ_CLOUD_DOMAINS } from '../../protocol/cluster/endpoint.ts';
import { isUsername } from '../../protocol/secret/credential-form.ts';
import { UsageError } from '../outcome/failure.ts';
import { parseDuration } from './time.ts';

/** Options of every command that calls AWS, as commander names them. */
export interface SharedOptions {
  readonly region?: string;
  readonly profile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Options of every command that logs in to a cluster. */
export interface ClusterOptions extends SharedOptions {
  readonly endpoint?: string;
  readonly allowEndpoint?: readonly string[];
  readonly allowPlaintext?: boolean;
  readonly caFile?: string;
  readonly transport?: Transport;
}

export function addSharedOptions(command: Command): Command {
  return command
    .optionsGroup('AWS:')
    .option('--region <region>', 'AWS region (default: the region of the ARN, otherwise as the AWS CLI finds it)')
    .option('--profile <name>', 'profile of the AWS configuration (default: as the AWS CLI finds it)')
    .optionsGroup('Output:')
    .option('--json', 'print one JSON document on stdout; progress stays on stderr')
    .option('--quiet', 'print no progress, only the result');
}

/** Adds the shared options too. */
export function addClusterOptions(command: Command): Command {
  const added = command
    .optionsGroup('Cluster:')
    .addOption(
      new Option(
        '--endpoint <url>',
        'the cluster of secrets whose value names none and that have no tag zilliz:endpoint',
      ).env('CLUSTER_ENDPOINT'),
    )
    .addOption(
      new Option(
        '--allow-endpoint <host>',
        `a host, or a .domain, that may receive passwords; repeat it or separate hosts by commas; replaces the default (default: ${ZILLIZ_CLOUD_DOMAINS.join(' and ')})`,
      )
        .argParser(parseHosts)
        .env('ALLOWED_ENDPOINTS'),
    )
    .option('--allow-plaintext', 'allow unencrypted passwords to http:// endpoints other than loopback')
    .addOption(
      new Option('--ca-file <path>', "PEM file of the authority that signed the cluster's certificate").env(
        'CLUSTER_CA_FILE',
      ),
    )
    .addOption(
      new Option('--transport <transport>', 'gRPC, or REST v2, which Milvus has since 2.3.13 (default: grpc)')
        .choices(TRANSPORTS)
        .argParser(parseTransport)
        .env('CLUSTER_TRANSPORT'),
    );
  return addSharedOptions(added);
}

/** Options of every command that examines secrets. */
export interface ExamineOptions extends ClusterOptions {
  readonly manager?: boolean;
}

export function addManagerOption(command: Command): Command {
  return command.option(
    '--manager',
    'for API keys: read the manager secret of the rotation function, and ask the control plane with its key',
  );
}

/** A parser for commander: a duration such as `5m`, in milliseconds. */
export function parseDurationOption(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) {
    throw new InvalidArgumentError('Expected a duration with its unit, such as 90s, 5m or 1h30m.');
  }
  return milliseconds;
}

/** A parser for commander: a text of this form. */
export function parserOf(form: RegExp, expected: string): (text: string) => string {
  return (text) => {
    if (!form.test(text)) {
      throw new InvalidArgumentError(expected);
    }
    return text;
  };
}

/** A parser for commander: names that are separated by commas. */
export function parseList(text: string): readonly string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('')) {
    throw new InvalidArgumentError('Expected names separated by commas.');
  }
  return [...new Set(items)];
}

export const DEFAULT_TRANSPORT: Transport = 'grpc';

/** A parser for commander. An empty environment variable counts as unset. */
function parseTransport(text: string): Transport {
  const transport = text || DEFAULT_TRANSPORT;
  if (!isTransport(transport)) {
    throw new InvalidArgumentError('Expected grpc or rest.');
  }
  return transport;
}

/** A parser for commander: adds hosts, in the format of the function's ALLOWED_ENDPOINTS. */
function parseHosts(text: string, before: readonly string[] | undefined): readonly string[] {
  const hosts = text
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  const wrong = hosts.find((host) => !/^\.?[\w-]+(\.[\w-]+)*$/.test(host) && isIP(host) === 0);
  if (wrong !== undefined) {
    throw new InvalidArgumentError(
      `${wrong} is no host. Expected a host, or a domain with a leading dot, without https:// and without a port.`,
    );
  }
  return [...(before ?? []), ...hosts];
}

/** A parser for commander: two names of cluster users. Its error does not quote the text. */
export function parseUsers(text: string): readonly [string, string] {
  const [first = '', second = '', ...more] = text.split(',').map((name) => name.trim());
  if (!isUsername(first) || !isUsername(second) || first === second || more.length > 0) {
    throw new UsageError(
      '--users: the text does not name two users.',
      'Write two different names with a comma between them, such as orders_a,orders_b.',
    );
  }
  return [first, second];
}

/** A parser for commander. Collects the values of an option that may be repeated. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
