import { type AwsConnection, regionOf } from '../../aws/aws.ts';
import type { CommandPorts } from '../../command-ports.ts';
import { UsageError } from '../../outcome/usage-error.ts';
import { readFileOf } from '../../terminal/read-options.ts';
import { fileProblem } from '../../terminal/text.ts';
import { type JournalState, parseJournal, toLine } from './journal.ts';
import { createJournalWriter, type JournalWriter } from './journal-writer.ts';
import type { Candidate, Plan } from './plan.ts';

/** `zilliz-rotation-20260301T120000Z.jsonl` in the working directory. */
export function defaultJournalPath(now: number): string {
  return `zilliz-rotation-${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}.jsonl`;
}

/** @throws UsageError if the file is no journal, or if another process works on it */
export function readJournal(path: string, ports: CommandPorts): JournalState {
  const { processes } = ports;
  const state = parseJournal(readFileOf('--resume', path, ports), path);
  const { openRun } = state;
  if (openRun?.host === processes.host && openRun.pid !== processes.pid && processes.isRunning(openRun.pid)) {
    throw new UsageError(
      `Process ${openRun.pid} works on ${path}.`,
      'Wait for its end. If this process is another program, remove the last line with "event":"run" from the file.',
    );
  }
  return state;
}

/** The secrets of a journal whose rotations have not ended. */
export function unfinished(state: JournalState, ports: Pick<CommandPorts, 'connectAws'>): readonly Candidate[] {
  return state.secrets
    .filter(({ arn }) => !state.outcomes.has(arn))
    .map(({ arn, profile }): Candidate => {
      const connection: AwsConnection = { region: regionOf(arn), profile: profile ?? undefined };
      const aws = ports.connectAws(connection);
      return { secretId: arn, connection, aws, secret: undefined, recorded: state.starts.get(arn) };
    });
}

/**
 * Opens a new journal and writes the secrets of the plan into it. With `state`, continues an
 * existing journal after its last complete line.
 *
 * @throws UsageError if the file cannot be written
 */
export async function openJournal(
  path: string,
  { places }: Plan,
  state: JournalState | undefined,
  ports: CommandPorts,
): Promise<JournalWriter> {
  const { clock, processes } = ports;
  try {
    const file = await ports.openJournal(path, state?.length);
    const at = clock.now();
    const secrets = places.flatMap((place) => place.secrets);
    const selection = secrets.map(({ secret, connection }) => ({
      arn: secret.arn,
      profile: connection.profile ?? null,
    }));
    const first = state === undefined ? toLine({ event: 'selection', format: 1, at, secrets: selection }) : '';
    const { pid, host } = processes;
    await file.append(`${first}${toLine({ event: 'run', pid, host, at })}`);
    return createJournalWriter(file, { path, now: () => clock.now() });
  } catch (error) {
    throw new UsageError(
      `The journal ${path} cannot be written (${fileProblem(error)}). Nothing was started.`,
      'Name another file with --journal.',
    );
  }
}
