import type { Cluster } from '../../protocol/cluster/cluster.ts';
import type { EndpointOptions } from '../../protocol/credential/stored-credential.ts';
import { accountAndRegionOf } from '../../protocol/secret/rotated-secrets.ts';
import { sentLabels } from '../../protocol/secret/versions.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { memoize } from '../aws/memoize.ts';
import { createPace } from '../aws/pace.ts';
import type { WallClock } from '../clock.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { Usernames } from '../examine/read-strategy.ts';
import type { CommandRefusal } from '../outcome/failure.ts';
import { endpointOptions, readClusterConnection } from '../terminal/read-options.ts';
import type { RotateCommandOptions } from './rotate-definition.ts';

/** Everything that the rotation of one secret reads, writes or calls. */
export interface RotatePorts {
  /** In the account and region of the secret. Keeps its reads below the quotas. */
  readonly aws: Aws;
  readonly cluster: Cluster;
  readonly endpoints: EndpointOptions;
  /** The users of `--users`. */
  readonly usernames: Usernames | undefined;
  readonly clock: WallClock;
  readonly interrupted: AbortSignal;
  /** Returns a password that nobody has. */
  readonly randomId: () => string;
  /** Returns a new token of a rotation, which becomes the id of the new version. */
  readonly newToken: () => string;
  readonly starts: StartControl;
}

/** Decides when a rotation may start. */
export interface StartControl {
  /** Waits until the quotas of AWS allow the rotation. */
  wait(secret: RotatingSecret): Promise<void>;
  /** AWS throttled a call that belongs to a rotation of the secret. */
  pause(secret: RotatingSecret): void;
  /** Why no further rotation may start. `undefined` if the rotation may start. */
  refusal(): CommandRefusal | undefined;
}

interface Stop {
  readonly refusal: StartControl['refusal'];
  /** Ends the wait for a start. */
  readonly signal: AbortSignal;
}

/**
 * Returns the ports of each account and region. All secrets share the connections to clusters. The
 * secrets of one account and region share the limits of calls per second.
 */
export function createRotatePorts(
  options: RotateCommandOptions,
  ports: CommandPorts,
  stop: Stop = { refusal: () => undefined, signal: ports.interrupted },
): (aws: Aws) => RotatePorts {
  const { clock, interrupted } = ports;
  const shared = {
    ...ports,
    cluster: ports.connectCluster(readClusterConnection(options, ports)),
    endpoints: endpointOptions(options),
    usernames: options.users,
    newToken: ports.randomId,
    starts: createStartControl(options, clock, stop),
  };
  const logReads = memoize((_place: string) => createPace(clock, LOG_READS_PER_SECOND, interrupted));
  return memoize((connected) => {
    const descriptions = createPace(clock, DESCRIPTIONS_PER_SECOND, interrupted);
    const describeSecret: Aws['rotation']['describeSecret'] = async (secretId) => {
      await descriptions.wait();
      return await connected.rotation.describeSecret(secretId);
    };
    const functionLog: Aws['functionLog'] = (functionArn) => {
      const log = connected.functionLog(functionArn);
      return {
        ...log,
        readLines: async (versionId, since) => {
          await logReads(quotaPlace(functionArn)).wait();
          return await log.readLines(versionId, since);
        },
      };
    };
    return { ...shared, aws: { ...connected, rotation: { ...connected.rotation, describeSecret }, functionLog } };
  });
}

function createStartControl({ rate }: RotateCommandOptions, clock: WallClock, { refusal, signal }: Stop): StartControl {
  const paces = memoize((_place: string) => createPace(clock, WRITES_PER_SECOND, signal));
  return {
    wait: async (secret) => await paces(quotaPlace(secret.rotationFunctionArn)).wait(writesOf(secret, rate)),
    pause: ({ rotationFunctionArn }) => paces(quotaPlace(rotationFunctionArn)).pause(),
    refusal,
  };
}

/**
 * An account may make 50 PutSecretValue, UpdateSecret and UpdateSecretVersionStage calls a second
 * in a region, together. The function makes these calls, so its account counts. The command uses
 * 96 % of the quota. The other 4 % are for other callers, and for calls that come unevenly.
 */
export const WRITES_PER_SECOND: number = 50 * 0.96;

/** The lowest quota of FilterLogEvents in any region is 5 a second. */
const LOG_READS_PER_SECOND = 4;

/** Far below the quota of 10,000, which applications share. */
const DESCRIPTIONS_PER_SECOND = 100;

/** PutSecretValue of createSecret, and UpdateSecretVersionStage of AWSCURRENT. */
const WRITES_OF_EACH_ROTATION = 2;

/**
 * How many calls of {@link WRITES_PER_SECOND} the next rotation makes, at most.
 *
 * @param rate how many rotations may start per second. A rotation counts as more calls if it must
 *   wait longer than for the quota. Default: as many as the quota allows
 */
export function writesOf(secret: RotatingSecret, rate: number = Number.POSITIVE_INFINITY): number {
  // finishSecret removes the labels of older passwords, each with one call.
  const writes = WRITES_OF_EACH_ROTATION + sentLabels(secret).length;
  return Math.max(writes, WRITES_PER_SECOND / rate);
}

/**
 * The account and region whose quotas the rotations of a function use, such as
 * `123456789012 us-east-1`.
 */
export function quotaPlace(functionArn: string | undefined): string {
  const { account, region } = accountAndRegionOf(functionArn ?? '');
  return `${account} ${region}`;
}
