import type { Cluster } from '../../protocol/cluster/cluster.ts';
import type { EndpointOptions } from '../../protocol/credential/stored-credential.ts';
import { sentLabels } from '../../protocol/secret/versions.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { memoize } from '../aws/memoize.ts';
import { createPace, type Pace } from '../aws/pace.ts';
import { placeText } from '../aws/place.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { CommandRefusal } from '../outcome/failure.ts';
import type { ShowProgress } from '../terminal/progress.ts';
import { endpointOptions, readClusterConnection } from '../terminal/read-options.ts';
import type { RotateOptions } from './rotate-definition.ts';

/** Everything that the rotation of one secret reads, writes or calls. */
export interface RotatePorts extends Pick<CommandPorts, 'clock' | 'interrupted' | 'randomId'> {
  readonly aws: Aws;
  readonly cluster: Cluster;
  readonly endpoints: EndpointOptions;
  /** Returns a new token of a rotation, which becomes the id of the new version. */
  readonly newToken: () => string;
  /** The pace of the writes that rotations make in the account and region of the function. */
  readonly paceOf: (secret: RotatingSecret) => Pace;
  /** The pace at which the log of the function may be read. */
  readonly logPaceOf: (secret: RotatingSecret) => Pace;
  /** Why no further rotation may start. `undefined` if a rotation may start. */
  readonly reasonToStop: () => CommandRefusal | undefined;
  /**
   * Shows what happens, as a line. `undefined` if the rotation is one of a plan. Then the log is
   * read only for a slow rotation, because the quota of CloudWatch Logs is small.
   */
  readonly showProgress: ShowProgress | undefined;
}

/**
 * The ports of all secrets. They share the connections to clusters, and those of one account and
 * region share the limits of calls per second.
 *
 * @param stopped aborts if no further rotation may start, with a {@link CommandRefusal} as reason
 */
export function createRotatePorts(
  options: RotateOptions,
  ports: CommandPorts,
  stopped: AbortSignal = AbortSignal.any([]),
): Omit<RotatePorts, 'aws'> {
  const { clock, interrupted } = ports;
  const ended = AbortSignal.any([interrupted, stopped]);
  const writes = memoize((_place: string) => createPace(clock, WRITES_PER_SECOND, ended));
  const logReads = memoize((_place: string) => createPace(clock, LOG_READS_PER_SECOND, interrupted));
  return {
    ...ports,
    cluster: ports.connectCluster(readClusterConnection(options, ports)),
    endpoints: endpointOptions(options),
    newToken: ports.randomId,
    paceOf: (secret) => writes(quotaPlace(secret)),
    logPaceOf: (secret) => logReads(quotaPlace(secret)),
    reasonToStop: () => stopped.reason,
    showProgress: undefined,
  };
}

/**
 * An account may make 50 PutSecretValue, UpdateSecret and UpdateSecretVersionStage calls a second
 * in a region, together. The function makes these calls, so its account counts. The command uses
 * 96 % of the quota. The other 4 % are for other callers, and for calls that come unevenly.
 */
const WRITES_PER_SECOND: number = 50 * 0.96;

/** The lowest quota of FilterLogEvents in any region is 5 a second. */
const LOG_READS_PER_SECOND = 4;

/** PutSecretValue of createSecret, and UpdateSecretVersionStage of AWSCURRENT. */
const WRITES_OF_EACH_ROTATION = 2;

/** How many calls of {@link WRITES_PER_SECOND} the next rotation makes, at most. */
export function writesOf(secret: RotatingSecret): number {
  // finishSecret removes the labels of older passwords, each with one call.
  return WRITES_OF_EACH_ROTATION + sentLabels(secret).length;
}

/** The account and region whose quotas the rotations of a secret use: those of its function. */
export function quotaPlace({ rotationFunctionArn = '' }: RotatingSecret): string {
  return placeText(rotationFunctionArn);
}
