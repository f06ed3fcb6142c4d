import { AWSPENDING, holderOf } from '../../secret/versions.ts';
import type { RotatingSecret, RotationStart } from '../aws/rotation-service.ts';
import type { Explained } from '../explained.ts';
import { formatDuration } from '../terminal/duration.ts';
import type { Ending } from './follow.ts';
import type { RotateOutcome } from './outcome.ts';
import type { StepRun, Story } from './story.ts';

/** Secrets Manager's refusal to start a rotation. */
export function explainRefusal(start: Extract<RotationStart, { kind: 'refused' }>, secret: RotatingSecret): Explained {
  const { name } = secret;
  switch (start.reason) {
    case 'previous-incomplete':
      return {
        code: start.reason,
        message: `A previous rotation of ${name} isn't complete: AWSPENDING is on version ${holderOf(secret, AWSPENDING) ?? '(no longer visible)'} and not on AWSCURRENT. Secrets Manager starts no other until it has ended, and attempts it again within its rotation window.`,
        advice: `Wait for that attempt, or see which password is in force with: zilliz-rotation status ${name} – and clear the way with: zilliz-rotation repair ${name}`,
      };
    case 'not-configured':
      return {
        code: start.reason,
        message: `Secrets Manager says that ${name} has no rotation: ${start.answer}`,
        advice: 'Deploy the rotation stack for this secret, then repeat.',
      };
    case 'not-invocable':
      return {
        code: start.reason,
        message: `Secrets Manager cannot invoke the rotation function ${secret.rotationFunctionArn ?? ''}: ${start.answer}`,
        advice:
          'The function is gone, or its resource policy does not let secretsmanager.amazonaws.com invoke it. Deploy the rotation stack again.',
      };
    case 'other':
      return {
        code: 'refused',
        message: `Secrets Manager does not start a rotation of ${name}: ${start.answer}`,
        advice: `See how it stands with: zilliz-rotation status ${name}`,
      };
  }
}

/** A rotation that did not end in a promotion, or whose end was not seen. */
export function explainEnding(
  ending: Exclude<Ending, { kind: 'promoted' }>,
  story: Story,
  name: string,
  token: string,
): RotateOutcome {
  switch (ending.kind) {
    case 'step-failed':
      return explainFailure(ending.run, name);
    case 'ended':
      return { kind: 'failed', step: undefined, retryable: false, inForce: undefined, ...ENDED[ending.reason](name) };
    case 'timed-out':
      return {
        kind: 'running',
        code: 'timed-out',
        message: `The rotation of ${name} (version ${token}) was still going on when the time was up. ${lastHeard(story)}`,
        advice: `Nothing was stopped. ${howToFollow(name)} A longer --timeout waits longer.`,
      };
    case 'lost-sight':
      return {
        kind: 'running',
        code: ending.error.kind,
        message: `The rotation of ${name} (version ${token}) goes on and can no longer be watched: ${ending.error.message}`,
        advice: `${ending.error.advice} ${howToFollow(name)}`,
      };
    case 'interrupted':
      return {
        kind: 'interrupted',
        at: 'running',
        code: 'interrupted',
        message: `Interrupted. The rotation of ${name} (version ${token}) goes on in AWS without this command. ${lastHeard(story)}`,
        advice: howToFollow(name),
      };
  }
}

/** Ctrl-C before RotateSecret, or after the promotion. */
export function explainInterruption(at: 'not-started' | 'promoted', name: string): RotateOutcome {
  return {
    kind: 'interrupted',
    at,
    code: 'interrupted',
    message:
      at === 'not-started'
        ? `Interrupted before a rotation of ${name} was started.`
        : `Interrupted. The rotation of ${name} is complete: AWSCURRENT is the new version. Its login was not tried.`,
    advice: howToFollow(name),
  };
}

export function howToFollow(name: string): string {
  return `See how it stands with: zilliz-rotation status ${name}`;
}

function explainFailure(run: StepRun, name: string): RotateOutcome {
  const retryable = run.failure?.retryable === true;
  const again = retryable
    ? 'Secrets Manager attempts it again with the same version within the rotation window; no further attempt was seen in the time waited.'
    : 'Another attempt would end the same way until the cause is removed.';
  return {
    kind: 'failed',
    step: run.step,
    retryable,
    inForce: run.failure?.inForce,
    code: run.failure?.code ?? 'UNKNOWN',
    message: `${run.step} failed: ${run.failure?.message ?? 'the function gave no reason.'}`,
    advice: `${run.failure?.advice ?? ''} ${again} ${howToFollow(name)}`.trim(),
  };
}

const ENDED: Readonly<Record<'replaced' | 'unstuck' | 'cancelled', (name: string) => Explained>> = {
  replaced: (name) => ({
    code: 'abandoned',
    message: `Another value was stored in ${name} during the rotation, so Secrets Manager abandoned it. AWSCURRENT is that value.`,
    advice: `Find out whether it is the password in force with: zilliz-rotation status ${name}, then rotate again.`,
  }),
  unstuck: (name) => ({
    code: 'pending-removed',
    message: `AWSPENDING was taken off the new version of ${name} during the rotation: by hand, or by the function, which gives a version up when the cluster refuses its password. AWSCURRENT has not moved.`,
    advice: `Find out which password is in force with: zilliz-rotation status ${name}, then rotate again.`,
  }),
  cancelled: (name) => ({
    code: 'cancelled',
    message: `Rotation of ${name} was turned off (CancelRotateSecret) while it ran. AWSCURRENT has not moved; AWSPENDING stays where it was.`,
    advice: `The cluster may have the new password already: zilliz-rotation repair ${name} puts AWSCURRENT on the one in force.`,
  }),
};

function lastHeard(story: Story): string {
  const last = story.steps.at(-1);
  if (last === undefined) {
    return 'The function has not been heard of yet.';
  }
  const attempt = last.attempt > 1 ? ` (attempt ${last.attempt})` : '';
  switch (last.outcome) {
    case 'running':
      return `Last heard: ${last.step}${attempt} was started; its end was not logged. If that stays so, the function was stopped (out of time or memory), and Secrets Manager attempts it again.`;
    case 'finished':
      return `Last heard: ${last.step}${attempt} finished${last.durationMs === undefined ? '' : ` after ${formatDuration(last.durationMs)}`}.`;
    case 'failed':
      return `Last heard: ${last.step}${attempt} failed: ${last.failure?.message ?? 'no reason was logged.'}`;
  }
}
