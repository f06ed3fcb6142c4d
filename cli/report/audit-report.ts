import type { Period, RotatingSecret } from '../aws/aws.ts';
import type { History, SourceNote } from '../history/read-history.ts';
import { CONTROLS, type Control, type ControlResult, type Parameters } from './controls.ts';
import { type ExaminedSecret, examine } from './examined-secret.ts';
import { type Exception, exceptionsOf } from './exceptions.ts';

/** What every format of the report contains. */
export interface AuditReport {
  /** The version of this command. */
  readonly version: string;
  readonly generatedAt: number;
  readonly period: Period;
  readonly parameters: Parameters;
  readonly controls: readonly Control[];
  readonly secrets: readonly AuditSecret[];
  /**
   * Secrets that were selected and could not be read, or that were left out of the selection, and
   * places that could not be searched.
   */
  readonly unreadable: readonly { readonly secretId: string; readonly reason: string }[];
  readonly notes: readonly SourceNote[];
}

export interface AuditSecret extends ExaminedSecret {
  /** Values of the owner tags, in the order of the option. `undefined`: no such tag. */
  readonly owners: readonly (string | undefined)[];
  readonly exceptions: readonly Exception[];
  /** In the order of {@link AuditReport.controls}. */
  readonly controls: readonly ControlResult[];
}

interface AuditInput extends Omit<AuditReport, 'controls' | 'secrets' | 'notes'> {
  readonly secrets: readonly RotatingSecret[];
  readonly past: History;
}

/** Evaluates the secrets and their past for the report. Calls neither AWS nor a cluster. */
export function createAudit({ secrets, past, ...report }: AuditInput): AuditReport {
  const { parameters, period, generatedAt } = report;
  const toAudit = (secret: RotatingSecret): AuditSecret => {
    const examined = examine(secret, past.rotations.get(secret.arn) ?? [], period, generatedAt);
    const owners = parameters.ownerTags.map((key) => secret.tags[key]);
    return {
      ...examined,
      owners,
      exceptions: exceptionsOf(examined, owners),
      controls: CONTROLS.map(({ evaluate }) => evaluate(examined, parameters)),
    };
  };
  return {
    ...report,
    controls: CONTROLS.map(({ evaluate, parameter, ...control }) => ({ ...control, parameter: parameter(parameters) })),
    secrets: secrets.map(toAudit).toSorted((a, b) => (a.secret.name < b.secret.name ? -1 : 1)),
    notes: past.notes,
  };
}

/** How many secrets have each result of the control with this index. */
export function countResults(
  { secrets }: AuditReport,
  index: number,
): { passed: number; failed: number; notEvaluated: number } {
  const count = (result: string): number => secrets.filter(({ controls }) => controls[index]?.result === result).length;
  return { passed: count('passed'), failed: count('failed'), notEvaluated: count('not-evaluated') };
}
