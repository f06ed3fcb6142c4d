import { accountAndRegionOf } from '../../protocol/secret/account-and-region.ts';
import type { ListedVersion } from '../../protocol/secret/secret-store.ts';
import {
  type Aws,
  type FunctionLogLine,
  type LocatedSecret,
  type Period,
  TRAIL_EVENTS,
  type TrailEvent,
} from '../aws/aws.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { createPace, VERSION_LISTS_PER_SECOND } from '../aws/pace.ts';
import type { CommandPorts } from '../command-ports.ts';
import { endIfInterrupted } from '../outcome/failure.ts';
import type { ShowProgress } from '../terminal/progress.ts';
import { DAY_MS, HOUR_MS } from '../terminal/time.ts';
import type { HistoryDocument, PastRotation, SourceNote } from './json-schema.ts';
import { mergeRotations } from './merge-rotations.ts';
import { rotationsInLog, rotationsInTrail } from './rotations-in-sources.ts';

type ReadSource = HistoryDocument['sourcesRead'][number];

export interface History {
  /** By the ARN of the secret, oldest first. */
  readonly rotations: ReadonlyMap<string, PastRotation[]>;
  /** Facts that a source did not supply, why, and the permission to ask for if AWS refused. */
  readonly notes: SourceNote[];
  /** The sources of which at least a part was read. */
  readonly read: ReadonlySet<ReadSource>;
  /** Whether nothing failed to be read. */
  readonly isComplete: boolean;
}

const TRAIL_KEEPS_MS = 90 * DAY_MS;

/**
 * The default period starts 90 days before the command starts, and CloudTrail drops events while
 * the command reads. So a period may start up to an hour too early without a note.
 */
const START_TOLERANCE_MS = HOUR_MS;

/** The codes of AWS for a missing permission. */
const DENIED = /^(access-denied|AccessDenied)/;

type Ports = Pick<CommandPorts, 'clock' | 'interrupted'>;

/** What is not known without a source, and how to get it. */
interface Loss {
  readonly consequence: string;
  readonly permission: string;
  /** If AWS finds nothing with the name of the source. */
  readonly ifNotFound?: string;
}

/**
 * Reads every source. A source that cannot be read becomes a note.
 *
 * @throws FailureError after Ctrl-C
 */
export async function readHistory(
  secrets: readonly LocatedSecret[],
  period: Period,
  ports: Ports,
  showProgress: ShowProgress,
): Promise<History> {
  const notes = new Map<string, SourceNote>();
  const read = new Set<ReadSource>();
  let isComplete = true;
  const tryRead = async <T>(source: ReadSource, loss: Loss, of: () => Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      const found = await of();
      read.add(source);
      return found;
    } catch (error) {
      isComplete = false;
      const { code, message: reason, advice } = explainAwsError(error);
      const ask = DENIED.test(code) ? `Ask for ${loss.permission}.` : advice;
      const next = code === 'not-found' ? (loss.ifNotFound ?? ask) : ask;
      const message = `${reason} ${loss.consequence} ${next}`;
      notes.set(`${source} ${message}`, { source, message });
      return [];
    }
  };

  const [first, ...others] = secrets;
  const about = first !== undefined && others.length === 0 ? { secretArn: first.secret.arn } : {};
  let lines: readonly FunctionLogLine[] = [];
  for (const [functionArn, aws] of functionsOf(secrets)) {
    showProgress(`log of ${functionArn}`);
    const loss: Loss = {
      consequence: 'Steps, codes and durations are not known.',
      permission: `logs:FilterLogEvents on the log group of ${functionArn}`,
      ifNotFound: `The function has logged nothing yet, or it does not exist: see \`zilliz-rotation status --rotated-by ${functionArn}\`.`,
    };
    lines = lines.concat(await tryRead('log', loss, () => aws.readSteps(functionArn, period, about)));
  }
  const linesOf = Map.groupBy(lines, ({ secretArn }) => secretArn);

  /** For each account and region: the events, by the name or ARN of the secret. */
  const events = new Map<Aws, ReadonlyMap<string, readonly TrailEvent[]>>();
  for (const aws of new Set(secrets.map((secret) => secret.aws))) {
    const loss = { consequence: 'Who started a rotation is not known.', permission: 'cloudtrail:LookupEvents on *' };
    const found = await tryRead('cloudtrail', loss, () => readTrail(aws, period, ports, showProgress));
    events.set(
      aws,
      Map.groupBy(found, ({ secretId }) => secretId),
    );
  }
  if (read.has('cloudtrail') && period.since + START_TOLERANCE_MS < ports.clock.now() - TRAIL_KEEPS_MS) {
    const message = 'CloudTrail keeps 90 days of events. Who started an older rotation is not known.';
    notes.set('90 days', { source: 'cloudtrail', message });
  }

  const pace = createPace(ports.clock, VERSION_LISTS_PER_SECOND, ports.interrupted);
  const rotations = await Promise.all(
    secrets.map(async ({ secret, aws }, index) => {
      await pace.wait();
      endIfInterrupted(ports);
      const loss = {
        consequence: 'Rotations of which only a version is left are missing.',
        permission: 'secretsmanager:ListSecretVersionIds',
      };
      const versions = await tryRead<ListedVersion>('versions', loss, () => aws.store(secret.arn).list());
      showProgress(`versions of ${index + 1} of ${secrets.length} secrets`);
      const inLog = rotationsInLog(linesOf.get(secret.arn) ?? []);
      const trail = [secret.arn, secret.name].flatMap((id) => events.get(aws)?.get(id) ?? []);
      return [secret.arn, mergeRotations(secret, inLog, rotationsInTrail(trail), versions, period)] as const;
    }),
  );
  return { rotations: new Map(rotations), notes: [...notes.values()], read, isComplete };
}

/** If a function is in another account, only the credentials of a secret there can read its log. */
function functionsOf(secrets: readonly LocatedSecret[]): ReadonlyMap<string, Aws> {
  const functions = new Map<string, Aws>();
  for (const { secret, aws } of secrets) {
    const { rotationFunctionArn: arn } = secret;
    if (
      arn !== undefined &&
      (!functions.has(arn) || accountAndRegionOf(arn).account === accountAndRegionOf(secret.arn).account)
    ) {
      functions.set(arn, aws);
    }
  }
  return functions;
}

/**
 * Every event about a rotation in the period, as far as CloudTrail keeps events.
 *
 * @throws AwsError, FailureError after Ctrl-C
 */
export async function readTrail(
  aws: Aws,
  period: Period,
  { clock, interrupted }: Ports,
  showProgress: ShowProgress,
): Promise<readonly TrailEvent[]> {
  const kept = { ...period, since: Math.max(period.since, clock.now() - TRAIL_KEEPS_MS) };
  let events: readonly TrailEvent[] = [];
  for (const name of kept.since < kept.until ? TRAIL_EVENTS : []) {
    endIfInterrupted({ interrupted });
    showProgress(`CloudTrail, which allows two lookups a second: ${name}`);
    events = events.concat(await aws.readEvents(name, kept));
  }
  return events;
}
