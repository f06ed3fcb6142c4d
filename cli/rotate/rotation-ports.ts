import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { createPace, type Pace } from '../aws/pace.ts';
import type { Clock } from '../clock.ts';
import type { CommandPorts } from '../command-ports.ts';
import { createSameUserFinder, type FinderOptions } from '../examine/same-user/find-same-user.ts';
import { clusterConnection, endpointOptions } from '../terminal/read-options.ts';
import type { ConfirmPorts } from './confirm-login.ts';
import { DESCRIPTIONS_PER_SECOND, LOG_READS_PER_SECOND, placeOf, WRITES_PER_SECOND, writesOf } from './quotas.ts';
import type { RotateCommandOptions } from './rotate-definition.ts';
import type { StartControl } from './start/start-control.ts';
import type { StartPorts } from './start/start-rotation.ts';

/** The ports of a secret in this account and region. */
export type RotationPorts = (aws: Aws) => StartPorts & ConfirmPorts;

export interface SharedPorts {
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
  const cluster = ports.connectCluster(clusterConnection(options, ports));
  const starts = createStartControl(options, clock, stopped, control);
  const logReads = pacesByKey<string>(LOG_READS_PER_SECOND, clock, interrupted);
  const endpoints = endpointOptions(options);
  const findSameUser = createSameUserFinder({ endpoints, interrupted, ...(named === undefined ? {} : { named }) });
  const paced = new Map<Aws, Aws>();
  return (connected) => {
    const aws =
      paced.get(connected) ?? paceReads(connected, createPace(clock, DESCRIPTIONS_PER_SECOND, interrupted), logReads);
    paced.set(connected, aws);
    const usernames = options.users;
    return { ...ports, aws, cluster, starts, newToken: ports.randomId, endpoints, findSameUser, usernames };
  };
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
        readLines: async (versionId, since) => {
          await logReads(placeOf(functionArn)).turn();
          return await log.readLines(versionId, since);
        },
        readSteps: async (period, secretArn) => {
          await logReads(placeOf(functionArn)).turn();
          return await log.readSteps(period, secretArn);
        },
      };
    },
  };
}

function createStartControl(
  { rate }: RotateCommandOptions,
  clock: Clock,
  stopped: AbortSignal,
  control: Partial<StartControl>,
): StartControl {
  const writes = pacesByKey<string>(WRITES_PER_SECOND, clock, stopped);
  const starts = pacesByKey<string>(rate ?? Number.POSITIVE_INFINITY, clock, stopped);
  const placeOfSecret = ({ rotationFunctionArn }: RotatingSecret): string => placeOf(rotationFunctionArn);
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

/** A pace for each key, made when it is first used. */
function pacesByKey<Key>(perSecond: number, clock: Clock, stopped: AbortSignal): (key: Key) => Pace {
  const paces = new Map<Key, Pace>();
  return (key) => {
    const pace = paces.get(key) ?? createPace(clock, perSecond, stopped);
    paces.set(key, pace);
    return pace;
  };
}
