import type { JournalFile } from '../../journal-file.ts';
import { type CommandRefusal, refused } from '../../outcome/failure.ts';
import { fileProblem } from '../../terminal/text.ts';
import type { RotateReport } from '../report.ts';
import type { StartRequest } from '../start/start-control.ts';
import { FINAL_OUTCOMES, type JournalRecord, toLine } from './journal.ts';

/** Appends the start and the outcome of each rotation to the journal. */
export interface JournalWriter {
  readonly path: string;
  /** @returns why the request must not be sent */
  requested(request: StartRequest): Promise<CommandRefusal | undefined>;
  started(request: StartRequest): void;
  ended(report: RotateReport): void;
  close(): Promise<void>;
}

export function createJournalWriter(
  file: JournalFile,
  { path, now }: { readonly path: string; readonly now: () => number },
): JournalWriter {
  let problem: CommandRefusal | undefined;
  const write = async (record: JournalRecord): Promise<void> => {
    try {
      await file.append(toLine(record));
    } catch (error) {
      problem ??= cannotWrite(path, error);
    }
  };
  return {
    path,
    requested: async ({ secret: { arn }, versionId: token, previous }) => {
      await write({ event: 'start', arn, token, previousVersionId: previous.versionId, at: now() });
      return problem;
    },
    // Not awaited: if a crash loses such a line, the next run finds the same fact in the secret.
    started: ({ secret: { arn }, versionId: token }) => void write({ event: 'started', arn, token }),
    ended: ({ arn, outcome }) => {
      const kind = FINAL_OUTCOMES.find((final) => final === outcome.kind);
      if (arn !== undefined && kind !== undefined) {
        const code = outcome.kind === 'rotated' ? null : outcome.code;
        void write({ event: 'outcome', arn, outcome: kind, code, at: now() });
      }
    },
    close: async () => {
      await write({ event: 'end', at: now() });
      await file.close().catch(() => undefined);
    },
  };
}

function cannotWrite(path: string, error: unknown): CommandRefusal {
  return refused(
    'journal-not-written',
    `The journal ${path} cannot be written (${fileProblem(error)}), so no further rotation starts.`,
    `Make room for the journal, then continue with \`zilliz-rotation rotate --resume ${path}\`.`,
  );
}
