import { iso } from '../terminal/dates.ts';
import { durationOf, type PastRotation } from './past-rotation.ts';

/** A rotation in a document of `--json`. docs/cli.md describes it. */
export function rotationJson(rotation: PastRotation): Record<string, unknown> {
  const { kind, versionId, outcome, startedAt, endedAt, trigger, failures } = rotation;
  return {
    kind,
    versionId: versionId ?? null,
    outcome: outcome?.value ?? null,
    startedAt: iso(startedAt?.value),
    endedAt: iso(endedAt?.value),
    durationMs: durationOf(rotation) ?? null,
    trigger: trigger?.value ?? null,
    failures: failures.map((failure) => ({ ...failure, at: iso(failure.at) })),
    sources: {
      outcome: outcome?.source ?? null,
      startedAt: startedAt?.source ?? null,
      endedAt: endedAt?.source ?? null,
      trigger: trigger?.source ?? null,
    },
  };
}
