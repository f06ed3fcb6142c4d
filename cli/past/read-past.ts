import type { ListedVersion } from '../../protocol/secret/secret-store.ts';
import type { Aws, FunctionLogLine, LocatedSecret, Period, TrailEvent } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { createPace, VERSION_LISTS_PER_SECOND } from '../aws/pace.ts';
import type { CommandPorts } from '../command-ports.ts';
import { mergeRotations } from './merge-rotations.ts';
import type { PastRotation, Source } from './past-rotation.ts';
import { readTrail, TRAIL_KEEPS_MS } from './read-trail.ts';
import { rotationsInLog } from './rotations-in-log.ts';
import { rotationsInTrail } from './rotations-in-trail.ts';

/** Facts that a source did not supply, why, and the permission to ask for if AWS refused. */
export interface SourceNote {
  readonly source: Source;
  readonly message: string;
}

export interface Past {
  /** By the ARN of the secret, oldest first. */
  readonly rotations: ReadonlyMap<string, readonly PastRotation[]>;
  readonly notes: readonly SourceNote[];
  /** The sources of which at least a part was read. */
  readonly read: ReadonlySet<Source>;
}

/**
 * The default period starts 90 days before the command starts, and CloudTrail drops events while
 * the command reads. So a period may start up to an hour too early without a note.
 */
const HOUR_MS = 3_600_000;

/** The codes of AWS for a missing permission. */
const DENIED = /^(access-denied|AccessDenied)/;

type Ports = Pick<CommandPorts, 'clock' | 'interrupted'>;

/** Reads every source. A source that cannot be read becomes a note. */
export async function readPast(
  secrets: readonly LocatedSecret[],
  period: Period,
  ports: Ports,
  showProgress: (line: string) => void,
): Promise<Past> {
  const notes = new Map<string, SourceNote>();
  const read = new Set<Source>();
  const tryRead = async <T>(
    source: Source,
    { consequence, permission }: { readonly consequence: string; readonly permission: string },
    of: () => Promise<readonly T[]>,
  ) => {
    try {
      const found = await of();
      read.add(source);
      return found;
    } catch (error) {
      const { code, message: reason, advice } = explainAwsError(error);
      const message = `${reason} ${consequence} ${DENIED.test(code) ? `Ask for ${permission}.` : advice}`;
      notes.set(`${source} ${message}`, { source, message });
      return [];
    }
  };

  const lines = new Map<string, FunctionLogLine[]>();
  const [onlySecret, ...others] = secrets;
  for (const [functionArn, aws] of functionsOf(secrets)) {
    showProgress(`log of ${functionArn}`);
    const one = others.length === 0 ? onlySecret?.secret.arn : undefined;
    const lost = {
      consequence: 'Steps, codes and durations are not known.',
      permission: `logs:FilterLogEvents on the log group of ${functionArn}`,
    };
    const found = await tryRead('log', lost, () => readSteps(functionArn, aws, period, one));
    for (const [arn, ofSecret] of Map.groupBy(found, ({ secretArn = '' }) => secretArn)) {
      lines.set(arn, [...(lines.get(arn) ?? []), ...ofSecret]);
    }
  }

  /** For each account and region: the events, by the name or ARN of the secret. */
  const events = new Map<Aws, ReadonlyMap<string, readonly TrailEvent[]>>();
  for (const aws of new Set(secrets.map((secret) => secret.aws))) {
    const lost = {
      consequence: 'Who started a rotation is not known.',
      permission: 'cloudtrail:LookupEvents on *',
    };
    const found = await tryRead('cloudtrail', lost, () => readTrail(aws, period, ports, showProgress));
    events.set(
      aws,
      Map.groupBy(found, ({ secretId }) => secretId),
    );
  }
  if (read.has('cloudtrail') && period.since + HOUR_MS < ports.clock.now() - TRAIL_KEEPS_MS) {
    notes.set('90 days', {
      source: 'cloudtrail',
      message: 'CloudTrail keeps 90 days of events. Who started an older rotation is not known.',
    });
  }

  const waitForTurn = createPace(ports.clock, VERSION_LISTS_PER_SECOND, ports.interrupted).turn;
  const rotations = await Promise.all(
    secrets.map(async ({ secret, aws }, index) => {
      await waitForTurn();
      const lost = {
        consequence: 'Rotations of which only a version is left are missing.',
        permission: 'secretsmanager:ListSecretVersionIds',
      };
      const versions = ports.interrupted.aborted
        ? []
        : await tryRead<ListedVersion>('versions', lost, () => aws.store(secret.arn).list());
      showProgress(`versions of ${index + 1} of ${secrets.length} secrets`);
      const ofSecrets = events.get(aws);
      const trail = [...(ofSecrets?.get(secret.arn) ?? []), ...(ofSecrets?.get(secret.name) ?? [])];
      const inLog = rotationsInLog(lines.get(secret.arn) ?? []);
      return [secret.arn, mergeRotations(secret, inLog, rotationsInTrail(trail), versions, period)] as const;
    }),
  );
  return { rotations: new Map(rotations), notes: [...notes.values()], read };
}

/** @throws AwsError */
async function readSteps(
  functionArn: string,
  aws: Aws,
  period: Period,
  secretArn: string | undefined,
): Promise<readonly FunctionLogLine[]> {
  try {
    return await aws.functionLog(functionArn).readSteps(period, secretArn);
  } catch (error) {
    if (isNotFound(error) && (await readWhetherAbsent(functionArn, aws))) {
      throw new AwsError(
        'not-found',
        'FilterLogEvents',
        `The function ${functionArn} does not exist, so its log group is not known.`,
        `See how to restore the function with \`zilliz-rotation status --rotated-by ${functionArn}\`.`,
      );
    }
    throw error;
  }
}

async function readWhetherAbsent(functionArn: string, aws: Aws): Promise<boolean> {
  return await aws.functionEnvironment(functionArn).then(() => false, isNotFound);
}

function isNotFound(error: unknown): boolean {
  return error instanceof AwsError && error.kind === 'not-found';
}

/** The functions that rotate the secrets, each once. */
function functionsOf(secrets: readonly LocatedSecret[]): ReadonlyMap<string, Aws> {
  return new Map(
    secrets.flatMap(({ secret: { rotationFunctionArn }, aws }) =>
      rotationFunctionArn === undefined ? [] : [[rotationFunctionArn, aws] as const],
    ),
  );
}
