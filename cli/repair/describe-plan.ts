import { AWSCURRENT, AWSPENDING, holderOf, sentLabel } from '../../protocol/secret/versions.ts';
import type { Examination } from '../examine/examine-secret.ts';
import { describeDenied } from '../examine/findings.ts';
import { nameOf } from '../examine/search-versions.ts';
import { describeStaleCopies, stalePlaces } from '../examine/stale-copies.ts';
import type { PreparedAdmin } from './admin/prepare-admin.ts';
import type { LabelStep, RepairPlan } from './plan.ts';

/** The steps of the plan as text, in the order in which they run. */
export function describePlan(
  plan: RepairPlan,
  prepared: PreparedAdmin | undefined,
  examination: Examination,
): readonly string[] {
  const lines = [...describeNewVersion(plan, prepared), ...plan.labelSteps.map(describeStep)];
  if (prepared !== undefined && prepared.missingRoles.length > 0 && prepared.recreation?.exists !== false) {
    lines.push(
      `Grant the missing roles with the credential in ${prepared.admin.adminSecret}: ${prepared.missingRoles.join(', ')}`,
    );
  }
  if (prepared?.tag !== undefined) {
    lines.push(`Remove the tag ${prepared.tag} when the cluster shows its roles: ${prepared.wanted.join(', ')}`);
  }
  if (plan.kind === 'relabel' && plan.restores) {
    const current = holderOf(examination.secret, AWSCURRENT) ?? '';
    lines.push(
      `AWSCURRENT then names ${nameOf(plan.inForce.credentials)}. The value of version ${current} becomes AWSPREVIOUS`,
    );
  }
  const denied = describeDenied(examination);
  if (plan.kind === 'reset' && denied !== undefined) {
    lines.push(`${denied} One of their passwords may be in force, so first ask for kms:Decrypt`);
  }
  if (plan.kind === 'reset') {
    lines.push(...examination.sameUser.notes);
  }
  const stale = plan.kind === 'relabel' ? stalePlaces(plan.inForce, false) : [];
  if (plan.kind === 'relabel' && stale.length > 0) {
    lines.push(`Version ${plan.inForce.versionId} ${describeStaleCopies(stale)}`);
  }
  const { secret } = examination;
  const pending = holderOf(secret, AWSPENDING);
  // A complete rotation leaves AWSPENDING on AWSCURRENT. If AWSPENDING is on another version, its
  // rotation may be running.
  const mayRun = secret.rotationEnabled && pending !== holderOf(secret, AWSCURRENT);
  if (mayRun && plan.labelSteps.some(({ kind }) => kind === 'remove-pending')) {
    lines.push('If a rotation is running now, its function stops it. Start another rotation after this repair');
  }
  return lines;
}

function describeNewVersion(plan: RepairPlan, prepared: PreparedAdmin | undefined): string[] {
  switch (plan.kind) {
    case 'relabel':
      return [];
    case 'keep-edit':
      return [
        ...plan.roomSteps.map(describeStep),
        `Store a new version with the edited value of AWSCURRENT (version ${plan.current.versionId}) and the password of version ${plan.inForce.versionId}, which the cluster accepts`,
        describePromotion(plan.current.versionId),
      ];
    case 'reset': {
      const { username, endpoint } = plan.current.credentials;
      return [
        'Store a new version with a generated password, which is not AWSCURRENT yet',
        `Set this password for ${username} at ${endpoint.url} with the credential in ${prepared?.admin.adminSecret ?? ''}`,
        ...describeRecreation(username, prepared?.recreation),
        describePromotion(plan.current.versionId),
      ];
    }
  }
}

function describeRecreation(username: string, recreation: PreparedAdmin['recreation']): string[] {
  if (recreation === undefined) {
    return [];
  }
  const roles = recreation.roles.join(', ') || 'none';
  if (recreation.exists === undefined) {
    return [
      `If the cluster requires the old password, or has no user ${username}: drop ${username} and create it again with its roles`,
    ];
  }
  return [
    recreation.exists
      ? `If the cluster requires the old password: drop ${username} and create it again with its roles (${roles})`
      : `Create ${username}, which does not exist, with the roles: ${roles}`,
  ];
}

function describePromotion(from: string): string {
  return `Log in with the new version, then move AWSCURRENT from version ${from} to it`;
}

function describeStep(step: LabelStep): string {
  switch (step.kind) {
    case 'promote':
      return `Move AWSCURRENT from version ${step.from} to version ${step.to}, which the cluster accepts`;
    case 'add-sent-label':
      return `Add the label ${sentLabel(step.versionId)}, so that Secrets Manager does not delete the version`;
    case 'remove-sent-label':
      return `Remove the label ${step.label} from a version without the password in force, so that the next rotation has room for its label`;
    case 'remove-pending':
      return `Remove AWSPENDING from version ${step.from}, so that a rotation can start`;
  }
}
