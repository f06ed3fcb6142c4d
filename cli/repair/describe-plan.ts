import { AWSCURRENT, AWSPENDING, holderOf } from '../../secret/versions.ts';
import type { Examination } from '../examine/examine-secret.ts';
import type { LabelStep, RepairPlan } from './plan.ts';
import type { ResetPreparation } from './prepare-reset.ts';

/** The plan in sentences, in the order in which it is carried out. */
export function describePlan(
  plan: Extract<RepairPlan, { kind: 'relabel' | 'keep-edit' | 'reset' }>,
  reset: ResetPreparation | undefined,
  { secret, current }: Examination,
): readonly string[] {
  const lines: string[] = [];
  if (plan.kind === 'relabel') {
    lines.push(...plan.steps.map(describeStep));
  } else if (plan.kind === 'keep-edit') {
    lines.push(
      `Store the value of AWSCURRENT (version ${plan.currentId}) with the password of version ${plan.candidate.versionId}, which the cluster accepts, as a version of its own: the edit in AWSCURRENT is kept`,
      `Log in with it, and only then move AWSCURRENT from version ${plan.currentId} to it`,
      ...plan.after.map(describeStep),
    );
  } else if (reset !== undefined) {
    const user = `${plan.current.username} at ${plan.current.endpoint.url}`;
    lines.push(
      'Store a new generated password as a version of its own, not yet AWSCURRENT',
      `Set it as the password of ${user} with the credential from ${reset.adminSecret}`,
    );
    if (reset.recreation !== undefined) {
      const roles = reset.recreation.roles.join(', ') || 'none';
      lines.push(
        reset.recreation.exists
          ? `If the cluster insists on the old password: drop ${plan.current.username} and make it anew with its roles (${roles})`
          : `Make ${plan.current.username}, which does not exist, with the roles: ${roles}`,
      );
    }
    lines.push('Log in with it, and only then move AWSCURRENT to it', ...plan.after.map(describeStep));
  }
  // After a rotation AWSPENDING stays on AWSCURRENT; only elsewhere may it belong to one that is not over.
  const pending = holderOf(secret, AWSPENDING);
  const running = secret.rotationEnabled && pending !== undefined && pending !== holderOf(secret, AWSCURRENT);
  const clears = lines.some((line) => line.startsWith('Take AWSPENDING'));
  return running && clears && current !== undefined
    ? [
        ...lines,
        'A rotation that is under way at this moment will be refused by its function; start another afterwards',
      ]
    : lines;
}

function describeStep(step: LabelStep): string {
  switch (step.kind) {
    case 'promote':
      return `Move AWSCURRENT from version ${step.from} to version ${step.to}, which the cluster accepts`;
    case 'keep-findable':
      return `Label version ${step.versionId} so that it stays findable`;
    case 'remove-pending':
      return `Take AWSPENDING off version ${step.from}, so that a rotation can start`;
  }
}
