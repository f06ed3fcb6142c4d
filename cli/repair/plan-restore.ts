import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { planMove } from '../change/plan-labels.ts';
import { nameOf } from '../credential-forms/forms.ts';
import type { Examination } from '../examine/examination.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import type { RestoreTarget } from '../examine/restore-target.ts';
import { type Failure, failed, refused } from '../outcome/failure.ts';
import { planOf, type RepairPlan } from './plan.ts';

export function planRestore(examination: Examination, target: RestoreTarget): RepairPlan | Failure {
  const from = holderOf(examination.secret, AWSCURRENT);
  if (target.kind === 'missing' || from === undefined) {
    const what = from === undefined ? 'The secret has no AWSCURRENT.' : 'The secret has no such version with a value.';
    return refused('no-such-version', what, howToGoOn(examination));
  }
  if (target.kind === 'unusable') {
    return refused(
      'version-unusable',
      `The version is not a usable credential. ${target.problem}`,
      howToGoOn(examination),
    );
  }
  if (target.kind === 'not-pinned') {
    return refused('version-unusable', target.notPinned.message, howToGoOn(examination));
  }
  const { credential, search: found, labelRoom } = target;
  switch (found.kind) {
    case 'undecided':
    case 'not-enforced':
      return failureOfFinding(searchFinding(found));
    case 'none':
      return rejected(examination);
    case 'found': {
      const { accepted } = found;
      const isChosen = accepted.credentials.password === credential.credentials.password;
      if (!isChosen) {
        return rejected(examination);
      }
      const { versionId } = credential;
      if (versionId === from) {
        return notNeeded();
      }
      const to = { ...credential, candidate: { ...accepted.candidate, versionId } };
      const names = `AWSCURRENT then names ${nameOf(to.credentials)} at ${to.credentials.endpoint.url}. The value of version ${from} becomes AWSPREVIOUS`;
      const labels = { ...examination, labelRoom };
      return planOf(labels, planMove(labels, to, from), [names]);
    }
  }
}

function howToGoOn({ secret: { name } }: Examination): string {
  return `Nothing was changed. See with \`zilliz-rotation status ${name}\` which versions the cluster accepts, or store a valid credential in the secret.`;
}

function rejected(examination: Examination): Failure {
  return failed('version-rejected', 'The cluster rejects the credential of this version.', howToGoOn(examination));
}

function notNeeded(): Failure {
  return refused(
    'not-needed',
    'The cluster accepts the credential in AWSCURRENT, so AWSCURRENT does not need to move to this version.',
    'Nothing was changed. Run the command without the option.',
  );
}
