import { AWSCURRENT, AWSPENDING, holderOf } from '../../secret/versions.ts';
import type { Explained } from '../explained.ts';
import type { Examination } from './examine-secret.ts';
import { whatWasRejected, whyRejected } from './untried.ts';

/** `problem`: somebody must do something. `notice`: worth knowing. `undecided`: could not be found out from here. */
export interface Finding extends Explained {
  readonly severity: 'problem' | 'notice' | 'undecided';
}

/** Pure: what an operator should know about one secret, gravest first. */
export function findingsOf(examination: Examination, now: number): readonly Finding[] {
  return [...clusterFindings(examination), ...rotationFindings(examination, now)];
}

function clusterFindings(examination: Examination): Finding[] {
  const { secret, cluster, current } = examination;
  const { name } = secret;
  const user = `${current?.username ?? 'the user'} at ${current?.endpoint.url ?? 'the cluster'}`;
  switch (cluster.kind) {
    case 'unusable':
      return [
        cluster.reason !== 'endpoint'
          ? problem(
              'unusable-secret',
              `AWSCURRENT is no credential. ${cluster.problem}`,
              'Store a valid credential in the secret.',
            )
          : undecided(cluster.problem, '--allow-endpoint HOST allows a cluster of your own; --endpoint names one.'),
      ];
    case 'undecided':
      return [
        undecided(
          cluster.why,
          'Run this where the cluster can be reached. Nothing should be changed on an answer like this.',
        ),
      ];
    case 'not-enforced':
      return [
        problem(
          'authorization-off',
          `The cluster lets ${user} in with a password that nobody has: authorization is switched off, so no login proves anything.`,
          'Switch authorization on (common.security.authorizationEnabled).',
        ),
      ];
    case 'none':
      return [
        problem(
          'none-in-force',
          `The cluster rejects ${whatWasRejected(examination)} of ${user}: ${whyRejected(examination)}.`,
          `Set it anew with: zilliz-rotation repair ${name} --admin-secret ADMIN-SECRET – or reset it in the cluster's console and store it in the secret.`,
        ),
      ];
    case 'found':
      return cluster.candidate.versionId === holderOf(secret, AWSCURRENT)
        ? []
        : [
            problem(
              'current-not-in-force',
              `The cluster rejects AWSCURRENT for ${user}, and accepts version ${cluster.candidate.versionId} (${cluster.candidate.stage}): applications that read the secret cannot log in.`,
              `Put AWSCURRENT on that version with: zilliz-rotation repair ${name}`,
            ),
          ];
  }
}

function rotationFindings({ secret }: Examination, now: number): Finding[] {
  const { name, rotationEnabled, nextRotationAt } = secret;
  const findings: Finding[] = [];
  const pending = holderOf(secret, AWSPENDING);
  const incomplete = pending !== undefined && pending !== holderOf(secret, AWSCURRENT);
  if (secret.deletedAt !== undefined) {
    findings.push(
      problem(
        'marked-for-deletion',
        'The secret is marked for deletion.',
        `Restore it with: aws secretsmanager restore-secret --secret-id ${name}`,
      ),
    );
  }
  if (incomplete && !rotationEnabled) {
    findings.push(
      problem(
        'rotation-cancelled',
        `AWSPENDING is on version ${pending}, and rotation is off: nobody will finish that rotation.`,
        `Clear it with: zilliz-rotation repair ${name}`,
      ),
    );
  }
  if (rotationEnabled && nextRotationAt !== undefined && nextRotationAt < now) {
    findings.push(
      problem(
        'overdue',
        'The date of the next rotation has passed.',
        `Look for failed attempts in the log of the rotation function, then: zilliz-rotation rotate ${name}`,
      ),
    );
  }
  if (incomplete && rotationEnabled) {
    findings.push({
      severity: 'notice',
      code: 'rotation-incomplete',
      message: `AWSPENDING is on version ${pending}: a rotation is under way, or a failed one waits for its next attempt. No other can be started.`,
      advice: `If it stays so: zilliz-rotation repair ${name}`,
    });
  }
  if (!rotationEnabled) {
    findings.push({
      severity: 'notice',
      code: 'rotation-off',
      message: 'Rotation is off: never configured, cancelled, or its stack was removed.',
      advice: 'Deploy the rotation stack for this secret to turn it on.',
    });
  }
  return findings;
}

function problem(code: string, message: string, advice: string): Finding {
  return { severity: 'problem', code, message, advice };
}

function undecided(message: string, advice: string): Finding {
  return { severity: 'undecided', code: 'undecided', message, advice };
}
