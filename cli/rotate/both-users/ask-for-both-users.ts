import { readCurrent } from '../../../protocol/credential/read-version.ts';
import { explainAwsError } from '../../aws/explain-aws-error.ts';
import { readStrategy } from '../../examine/read-strategy.ts';
import { refused } from '../../outcome/failure.ts';
import { UsageError } from '../../outcome/usage-error.ts';
import type { AskForConsent } from '../../terminal/ask-for-plan.ts';
import { explainInterruption } from '../explain.ts';
import type { RotateOutcome } from '../report.ts';
import { refusalOfUnusable } from '../start/check-secret.ts';
import type { StartPorts } from '../start/start-rotation.ts';

export interface ConsentPorts extends Pick<StartPorts, 'aws' | 'endpoints' | 'usernames' | 'interrupted'> {
  readonly askForConsent: AskForConsent;
}

/**
 * Says what a rotation of both users interrupts, and asks. Changes nothing.
 *
 * @returns `last`: the user whose password changes in the second rotation
 * @throws UsageError if the secret has a single user
 */
export async function askForBothUsers(
  secretId: string,
  ports: ConsentPorts,
): Promise<{ readonly kind: 'agreed'; readonly last: string } | RotateOutcome> {
  try {
    const secret = await ports.aws.rotation.describeSecret(secretId);
    const known = await readStrategy(secret, ports.usernames, ports.aws);
    const { strategy } = known;
    if (!strategy.keepsCurrent) {
      throw new UsageError(
        [
          `--both-users is for a secret whose users take turns, and ${secret.name} has a single user.`,
          ...known.notes,
        ].join(' '),
        'To replace the password of a single user, leave out --both-users.',
      );
    }
    const current = await readCurrent(secret, { ...ports, store: ports.aws.store(secretId) });
    if (current.kind === 'unusable') {
      return refusalOfUnusable(current, secret.name);
    }
    const { username: last } = current.credentials;
    const consent = await ports.askForConsent(describeConsequences(strategy.next(current.credentials).username, last), {
      heading: 'both users get a new password now',
      question: 'Rotate both users now?',
    });
    if (ports.interrupted.aborted) {
      return explainInterruption('not-started', secret.name);
    }
    switch (consent) {
      case 'yes':
        return { kind: 'agreed', last };
      case 'no':
        return refused(
          'declined',
          'The rotation of both users was declined. Nothing was changed.',
          'Run the command again to rotate both users.',
        );
      case 'unasked':
        return refused(
          'consent-needed',
          'Nobody agreed to the rotation of both users. Nothing was changed.',
          'Repeat with --yes.',
        );
    }
  } catch (error) {
    const explanation = explainAwsError(error);
    return ports.interrupted.aborted
      ? explainInterruption('not-started', secretId)
      : { kind: 'refused', ...explanation };
  }
}

function describeConsequences(first: string, last: string): readonly string[] {
  return [
    `${first} gets a new password. The cluster refuses applications that keep an earlier credential of ${first} in memory`,
    `Right after that, ${last} gets a new password. The cluster refuses applications that keep the credential in AWSCURRENT in memory`,
    'An application works again as soon as it has read the secret again',
  ];
}
