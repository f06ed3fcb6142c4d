import { z } from 'zod';
import { UsageError } from '../../outcome/usage-error.ts';

/**
 * One line of a journal. No line holds a secret value. Times are milliseconds since the epoch.
 *
 * - `selection`: the secrets to rotate. The first line.
 * - `run`: a process works on the selection, from here to the next `end`.
 * - `start`: RotateSecret is about to be sent with this token. `previousVersionId` has AWSCURRENT.
 * - `started`: Secrets Manager has answered that the rotation has started.
 * - `outcome`: the rotation has ended, so the secret needs no more work.
 */
export type JournalRecord =
  | { event: 'selection'; format: 1; at: number; secrets: JournalSecret[] }
  | { event: 'run'; pid: number; host: string; at: number }
  | { event: 'start'; arn: string; token: string; previousVersionId: string; at: number }
  | { event: 'started'; arn: string; token: string }
  | { event: 'outcome'; arn: string; outcome: FinalOutcome; code: string | null; at: number }
  | { event: 'end'; at: number };

export interface JournalSecret {
  arn: string;
  /** The profile of the AWS configuration with which the secret was found. */
  profile: string | null;
}

/** A rotation that needs no more work. */
export const FINAL_OUTCOMES = ['rotated', 'failed', 'rejected', 'unconfirmed'] as const;

export type FinalOutcome = (typeof FINAL_OUTCOMES)[number];

const arn: z.ZodString = z.string().startsWith('arn:');
const at: z.ZodNumber = z.number();

const RECORD: z.ZodType<JournalRecord> = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('selection'),
    format: z.literal(1),
    at,
    secrets: z.array(z.strictObject({ arn, profile: z.string().nullable() })).min(1),
  }),
  z.strictObject({ event: z.literal('run'), pid: z.number(), host: z.string(), at }),
  z.strictObject({ event: z.literal('start'), arn, token: z.string(), previousVersionId: z.string(), at }),
  z.strictObject({ event: z.literal('started'), arn, token: z.string() }),
  z.strictObject({
    event: z.literal('outcome'),
    arn,
    outcome: z.enum(FINAL_OUTCOMES),
    code: z.string().nullable(),
    at,
  }),
  z.strictObject({ event: z.literal('end'), at }),
]);

export type RecordOf<Event extends JournalRecord['event']> = Extract<JournalRecord, { event: Event }>;

/** The latest start of a rotation in a journal. */
export interface RecordedStart extends RecordOf<'start'> {
  /** Whether Secrets Manager has answered that the rotation has started. */
  readonly answered: boolean;
}

/** The progress of the selected secrets according to a journal. */
export interface JournalState {
  readonly secrets: readonly JournalSecret[];
  /** By ARN. */
  readonly starts: ReadonlyMap<string, RecordedStart>;
  /** By ARN. */
  readonly outcomes: ReadonlyMap<string, RecordOf<'outcome'>>;
  /** The process whose run has no end. */
  readonly openRun: RecordOf<'run'> | undefined;
  /** The length of the complete lines, in bytes. A crash can leave a part of a line after them. */
  readonly length: number;
}

export function toLine(record: JournalRecord): string {
  return `${JSON.stringify(record)}\n`;
}

const OTHER_JOURNAL: string = 'Give --resume a journal that one `rotate` command wrote.';

/** @throws UsageError if the text is not a journal */
export function parseJournal(text: string, path: string): JournalState {
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  const [selection, ...records] = complete.split('\n').slice(0, -1).map(parseLine(path));
  if (selection?.event !== 'selection') {
    throw new UsageError(
      `${path} holds no selection of secrets. If it is a journal, its run ended before the first rotation.`,
      'Select the secrets again.',
    );
  }
  const starts = new Map<string, RecordedStart>();
  const outcomes = new Map<string, RecordOf<'outcome'>>();
  let openRun: RecordOf<'run'> | undefined;
  for (const record of records) {
    switch (record.event) {
      case 'start':
        starts.set(record.arn, { ...record, answered: false });
        break;
      case 'started': {
        const start = starts.get(record.arn);
        if (start?.token === record.token) {
          starts.set(record.arn, { ...start, answered: true });
        }
        break;
      }
      case 'outcome':
        outcomes.set(record.arn, record);
        break;
      case 'run':
        openRun = record;
        break;
      case 'end':
        openRun = undefined;
        break;
      case 'selection':
        throw new UsageError(`${path} holds two selections, so it is no journal of one command.`, OTHER_JOURNAL);
    }
  }
  return { secrets: selection.secrets, starts, outcomes, openRun, length: Buffer.byteLength(complete) };
}

function parseLine(path: string): (line: string, index: number) => JournalRecord {
  return (line, index) => {
    try {
      return RECORD.parse(JSON.parse(line));
    } catch {
      // The line is not shown, because the file may be something else than a journal.
      throw new UsageError(`${path}: line ${index + 1} is no record of a journal of this version.`, OTHER_JOURNAL);
    }
  };
}
