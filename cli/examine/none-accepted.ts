import { isFirstValue } from '../../protocol/secret/versions.ts';
import { commandForm, nameOf } from '../credential-forms.ts';
import type { Examination } from './examination.ts';
import { type Finding, problem } from './finding.ts';
import { listDenied, userAt } from './tried-versions.ts';

/** The cluster rejected every password that was tried, each of them twice. */
export function noneAcceptedFinding(examination: Examination): Finding {
  const { secret, versions, allListed, sameUser, tried, strategy } = examination;
  const form = commandForm(strategy);
  const lost = sameUser.explanation;
  const denied = listDenied(examination);
  const untried = versions.length - tried.size;
  const message = [
    form.rejected(userAt(examination)),
    allListed ? '' : 'Versions without a label could not be listed.',
    untried > 0 ? `The oldest ${untried} of ${versions.length} versions were not tried.` : '',
    denied,
    lost?.message ?? form.likelyCause(isFirstValue(secret)),
    'The cluster also rejects every login while its proxies cannot reach the root coordinator.',
  ];
  const advice = [
    denied === undefined ? '' : 'First ask for kms:Decrypt with the keys of these versions, and repeat the command.',
    howToRestore(examination),
    howToRotateOther(examination),
    lost?.advice ??
      `If the cluster is new or unhealthy, wait and repeat the command. ${form.howToStore(secret.name)} ${form.howToReplace(secret.name)}`,
  ];
  return problem('none-in-force', message.filter(Boolean).join(' '), advice.filter(Boolean).join(' '));
}

/** Names every version that logs in, and the command that makes it AWSCURRENT. */
export function howToRestore({ alternatives, secret }: Examination): string | undefined {
  const commands = alternatives.map(
    ({ versionId, credentials }) =>
      `to ${nameOf(credentials)} at ${credentials.endpoint.url} with \`zilliz-rotation repair ${secret.name} --version ${versionId}\``,
  );
  return commands.length === 0
    ? undefined
    : `If the value in AWSCURRENT was stored by mistake, move AWSCURRENT to a version that the cluster accepts: ${commands.join(', or ')}.`;
}

/** Advises a rotation, if the cluster accepts the stored credential of the next user. */
function howToRotateOther({ secret, other }: Examination): string | undefined {
  return other?.search.kind === 'found' && other.gap?.hasPassed === true && secret.rotationEnabled
    ? `To give applications a valid credential, run \`zilliz-rotation rotate ${secret.name}\`: the next rotation changes ${other.username}, whose stored credential is accepted.`
    : undefined;
}
