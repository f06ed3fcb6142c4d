import type { Credentials } from '../../cluster/cluster.ts';
import { AWSCURRENT, AWSPENDING, type Candidate, holderOf, sentLabel } from '../../secret/versions.ts';
import type { Examination } from '../examine/examine-secret.ts';
import type { Explained } from '../explained.ts';

/** One change to the secret. `keep-findable`: a label of ours, so that the version cannot be deleted. */
export type LabelStep =
  | { kind: 'promote'; to: string; from: string }
  | { kind: 'keep-findable'; versionId: string }
  | { kind: 'remove-pending'; from: string };

export type RepairPlan =
  | { kind: 'in-order' }
  | { kind: 'relabel'; candidate: Candidate; credentials: Credentials; steps: readonly LabelStep[] }
  /** As `relabel`, but AWSCURRENT was edited: its value gets the password in force, as a version of its own. */
  | {
      kind: 'keep-edit';
      candidate: Candidate;
      credentials: Credentials;
      currentId: string;
      after: readonly LabelStep[];
    }
  /** No stored version is in force: only somebody else's credential can help. */
  | { kind: 'reset'; current: Credentials; currentId: string; after: readonly LabelStep[] }
  | ({ kind: 'impossible'; because: 'failed' | 'unconfirmed' } & Explained);

/**
 * Pure: what would put AWSCURRENT on the version in force, and clear the way for the next rotation. `edited`: AWSCURRENT
 * differs from that version in more than the password.
 */
export function planRepair(examination: Examination, edited: boolean): RepairPlan {
  const { secret, cluster, current } = examination;
  const currentId = holderOf(secret, AWSCURRENT);
  switch (cluster.kind) {
    case 'unusable':
      return impossible(
        cluster.reason !== 'endpoint' ? 'failed' : 'unconfirmed',
        'unusable-secret',
        `AWSCURRENT names no cluster and user to ask. ${cluster.problem}`,
        cluster.reason !== 'endpoint'
          ? 'Store a valid credential in the secret.'
          : '--allow-endpoint HOST allows a cluster of your own; --endpoint names one.',
      );
    case 'undecided':
      return impossible(
        'unconfirmed',
        'undecided',
        `Which version is in force could not be found out. ${cluster.why}`,
        'Nothing was changed. Run this where the cluster can be reached.',
      );
    case 'not-enforced':
      return impossible(
        'failed',
        'authorization-off',
        'The cluster accepts a password that nobody has: authorization is switched off, and no login proves anything.',
        'Nothing was changed. Switch authorization on (common.security.authorizationEnabled), then repeat.',
      );
    case 'none':
      return current === undefined || currentId === undefined
        ? { kind: 'in-order' }
        : { kind: 'reset', current, currentId, after: clearPending(examination, currentId) };
    case 'found': {
      const { candidate, credentials } = cluster;
      if (edited && currentId !== undefined) {
        return { kind: 'keep-edit', candidate, credentials, currentId, after: clearPending(examination, undefined) };
      }
      const steps: LabelStep[] = [...clearPending(examination, candidate.versionId)];
      if (currentId !== undefined && candidate.versionId !== currentId) {
        // First of all: until then, applications read a password that is refused.
        steps.unshift({ kind: 'promote', to: candidate.versionId, from: currentId });
      }
      return steps.length === 0 ? { kind: 'in-order' } : { kind: 'relabel', candidate, credentials, steps };
    }
  }
}

/**
 * Takes AWSPENDING off every version but one, so that the next rotation can start. Its password may have been sent, or
 * be on its way this moment, so the version keeps a label.
 */
function clearPending({ secret, cluster }: Examination, except: string | undefined): readonly LabelStep[] {
  const pending = holderOf(secret, AWSPENDING);
  if (pending === undefined || pending === except) {
    return [];
  }
  const labels = secret.versions.find(({ versionId }) => versionId === pending)?.labels ?? [];
  const tried = cluster.kind === 'unusable' ? [] : cluster.tried;
  const isOurs = tried.some(({ candidate, login }) => candidate.versionId === pending && login === 'rejected');
  return [
    ...(isOurs && !labels.includes(sentLabel(pending)) ? [{ kind: 'keep-findable', versionId: pending } as const] : []),
    { kind: 'remove-pending', from: pending },
  ];
}

function impossible(because: 'failed' | 'unconfirmed', code: string, message: string, advice: string): RepairPlan {
  return { kind: 'impossible', because, code, message, advice };
}
