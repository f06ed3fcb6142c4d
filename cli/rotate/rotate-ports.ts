import type { Cluster } from '../../protocol/cluster/cluster.ts';
import type { EndpointOptions } from '../../protocol/credential/stored-credential.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { memoize } from '../aws/memoize.ts';
import { createPace } from '../aws/pace.ts';
import type { WallClock } from '../clock.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { Usernames } from '../examine/read-strategy.ts';
import type { CommandRefusal } from '../outcome/failure.ts';
import { endpointOptions, readClusterConnection } from '../terminal/read-options.ts';
import { DESCRIPTIONS_PER_SECOND, LOG_READS_PER_SECOND, quotaPlace, WRITES_PER_SECOND, writesOf } from './quotas.ts';
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
  slowDown(secret: RotatingSecret): void;
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
      await descriptions.turn();
      return await connected.rotation.describeSecret(secretId);
    };
    const functionLog: Aws['functionLog'] = (functionArn) => {
      const log = connected.functionLog(functionArn);
      return {
        ...log,
        readLines: async (versionId, since) => {
          await logReads(quotaPlace(functionArn)).turn();
          return await log.readLines(versionId, since);
        },
      };
    };
    return { ...shared, aws: { ...connected, rotation: { ...connected.rotation, describeSecret }, functionLog } };
  });
}

function createStartControl({ rate }: RotateCommandOptions, clock: WallClock, { refusal, signal }: Stop): StartControl {
  const writes = memoize((_place: string) => createPace(clock, WRITES_PER_SECOND, signal));
  const starts = memoize((_place: string) => createPace(clock, rate ?? Number.POSITIVE_INFINITY, signal));
  return {
    wait: async (secret) => {
      const place = quotaPlace(secret.rotationFunctionArn);
      await starts(place).turn();
      await writes(place).turn(writesOf(secret));
    },
    slowDown: ({ rotationFunctionArn }) => writes(quotaPlace(rotationFunctionArn)).slowDown(),
    refusal,
  };
}
