import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import type { Examination } from '../examine/examine-secret.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { nameOf } from '../examine/search-versions.ts';
import { describeTries } from '../examine/skipped-versions.ts';
import { type Failure, failed, refused } from '../outcome/failure.ts';
import type { RepairOutcome } from './outcome.ts';
import { makeRoom, protectAndRemovePending, type RepairPlan, sentLabelsAddedBy } from './plan.ts';

/**
 * Plans the move of AWSCURRENT back to the user and host in AWSPREVIOUS: to the version whose
 * password the cluster accepts.
 */
export function planRestore(examination: Examination): RepairPlan | RepairOutcome {
  const { previous, secret, cluster, turns } = examination;
  const from = holderOf(secret, AWSCURRENT);
  const isInForce = cluster.kind === 'found' && cluster.inForce.versionId === from;
  if (isInForce && (previous?.kind !== 'usable' || turns !== undefined)) {
    return notNeeded();
  }
  if (previous === undefined || from === undefined) {
    return refused(
      'no-previous',
      `The secret has no ${from === undefined ? 'AWSCURRENT' : 'AWSPREVIOUS'} version.`,
      'Nothing was changed. Store a valid credential in the secret.',
    );
  }
  if (previous.kind !== 'usable') {
    const message = previous.kind === 'unusable' ? 'AWSPREVIOUS is not a usable credential. ' : '';
    return refused(
      'previous-unusable',
      `${message}${previous.problem}`,
      'Nothing was changed. Store a valid credential in the secret.',
    );
  }
  const { search, credential, labelRoom, tried } = previous;
  const examinedPrevious = { ...examination, labelRoom, tried };
  switch (search.kind) {
    case 'undecided':
    case 'not-enforced':
      return failureOfFinding(searchFinding(search));
    case 'none':
      return failed(
        'previous-not-in-force',
        [`The cluster rejects every tried password of ${nameOf(credential.credentials)}, which AWSPREVIOUS names.`]
          .concat(describeTries(examinedPrevious))
          .join(' '),
        'Nothing was changed. Store a valid credential in the secret.',
      );
    case 'found': {
      const { inForce } = search;
      if (inForce.versionId === from) {
        return notNeeded();
      }
      const removal = protectAndRemovePending(examinedPrevious, inForce.versionId);
      const roomSteps = makeRoom(examinedPrevious, sentLabelsAddedBy(removal));
      const promote = { kind: 'promote', to: inForce.versionId, from } as const;
      return { kind: 'relabel', inForce, restores: true, labelSteps: [promote, ...roomSteps, ...removal] };
    }
  }
}

function notNeeded(): Failure {
  return refused(
    'not-needed',
    'The cluster accepts the password in AWSCURRENT, so AWSCURRENT does not need to move back to AWSPREVIOUS.',
    'Nothing was changed. Run the command without --restore-previous.',
  );
}
