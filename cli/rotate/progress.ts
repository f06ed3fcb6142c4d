import type { StepRun } from './story.ts';

/** What happens to one secret, as it happens. */
export type RotateProgress =
  | { kind: 'waiting-for-previous'; atMostMs: number }
  | { kind: 'started'; versionId: string }
  | { kind: 'step'; run: StepRun }
  | { kind: 'waiting-for-retry'; atMostMs: number }
  | { kind: 'promoted'; versionId: string }
  | { kind: 'logging-in'; user: string; endpoint: string }
  | { kind: 'note'; text: string };

export type TellProgress = (progress: RotateProgress) => void;
