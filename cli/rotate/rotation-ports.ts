import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { memoize } from '../aws/memoize.ts';
import { createPace, type Pace } from '../aws/pace.ts';
import type { WallClock } from '../clock.ts';
import type { CommandPorts } from '../command-ports.ts';
import { createSameUserFinder, type FinderOptions } from '../examine/same-user/find-same-user.ts';
import { endpointOptions, readClusterConnection } from '../terminal/read-options.ts';
import type { ConfirmPorts } from './confirm-login.ts';
import { DESCRIPTIONS_PER_SECOND, LOG_READS_PER_SECOND, quotaPlace, WRITES_PER_SECOND, writesOf } from './quotas.ts';
import type { RotateCommandOptions } from './rotate-definition.ts';
import type { StartControl } from './start/start-control.ts';
import type { StartPorts } from './start/start-rotation.ts';

/** The ports of a secret in this account and region. */
export type RotationPorts = (aws: Aws) => StartPorts & ConfirmPorts;

interface SharedPorts {
  /** Named secrets, whose users are compared in any account and region. */
  readonly named?: FinderOptions['named'];
  readonly control?: Partial<StartControl>;
  /** Ends the wait for a start. */
  readonly stopped?: AbortSignal;
}

/**
 * All secrets share the connections to clusters. The secrets of one account and region share the
 * limits of calls per second.
 */
export function createRotationPorts(
  options: RotateCommandOptions,
  ports: CommandPorts,
  { named, control = {}, stopped = ports.interrupted }: SharedPorts,
): RotationPorts {
  const { clock, interrupted } = ports;
  const cluster = ports.connectCluster(readClusterConnection(options, ports));
  const starts = createStartControl(options, clock, stopped, control);
  const logReads = memoize((_place: string) => createPace(clock, LOG_READS_PER_SECOND, interrupted));
  const endpoints = endpointOptions(options);
  const findSameUser = createSameUserFinder({ endpoints, interrupted, ...(named === undefined ? {} : { named }) });
  const shared = { ...ports, cluster, starts, newToken: ports.randomId, endpoints, findSameUser };
  return memoize((connected) => {
    const aws = paceReads(connected, createPace(clock, DESCRIPTIONS_PER_SECOND, interrupted), logReads);
    return { ...shared, aws, usernames: options.users };
  });
}

function paceReads(connected: Aws, descriptions: Pace, logReads: (place: string) => Pace): Aws {
  return {
    ...connected,
    rotation: {
      ...connected.rotation,
      describeSecret: async (secretId) => {
        await descriptions.turn();
        return await connected.rotation.describeSecret(secretId);
      },
    },
    functionLog: (functionArn) => {
      const log = connected.functionLog(functionArn);
      return {
        ...log,
        readLines: async (versionId, since) => {
          await logReads(quotaPlace(functionArn)).turn();
          return await log.readLines(versionId, since);
        },
      };
    },
  };
}

function createStartControl(
  { rate }: RotateCommandOptions,
  clock: WallClock,
  stopped: AbortSignal,
  control: Partial<StartControl>,
): StartControl {
  const writes = memoize((_place: string) => createPace(clock, WRITES_PER_SECOND, stopped));
  const starts = memoize((_place: string) => createPace(clock, rate ?? Number.POSITIVE_INFINITY, stopped));
  const placeOfSecret = ({ rotationFunctionArn }: RotatingSecret): string => quotaPlace(rotationFunctionArn);
  return {
    turn: async (secret) => {
      await starts(placeOfSecret(secret)).turn();
      await writes(placeOfSecret(secret)).turn(writesOf(secret));
    },
    slowDown: (secret) => writes(placeOfSecret(secret)).slowDown(),
    refusal: () => undefined,
    requested: async () => undefined,
    started: () => undefined,
    ...control,
  };
}
