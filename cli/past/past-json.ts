import { iso } from '../terminal/dates.ts';
import { durationOf, type PastRotation } from './past-rotation.ts';

/** A rotation in a document of `--json`. docs/cli.md describes it. */
export interface RotationJson {
  readonly kind: PastRotation['kind'];
  readonly versionId: string | null;
  readonly outcome: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  /** `schedule`, or the principal that called RotateSecret. */
  readonly trigger: string | null;
  readonly failures: readonly { at: string; step: string; code: string; message: string }[];
  /** Which source tells each value. */
  readonly sources: Readonly<Record<'outcome' | 'startedAt' | 'endedAt' | 'trigger', string | null>>;
}

export function rotationJson(rotation: PastRotation): RotationJson {
  const { kind, versionId, outcome, startedAt, endedAt, trigger, failures } = rotation;
  return {
    kind,
    versionId: versionId ?? null,
    outcome: outcome?.value ?? null,
    startedAt: startedAt ? iso(startedAt.value) : null,
    endedAt: endedAt ? iso(endedAt.value) : null,
    durationMs: durationOf(rotation) ?? null,
    trigger: trigger === undefined ? null : trigger.value.kind === 'schedule' ? 'schedule' : trigger.value.principal,
    failures: failures.map((failure) => ({ ...failure, at: iso(failure.at) })),
    sources: {
      outcome: outcome?.source ?? null,
      startedAt: startedAt?.source ?? null,
      endedAt: endedAt?.source ?? null,
      trigger: trigger?.source ?? null,
    },
  };
}
