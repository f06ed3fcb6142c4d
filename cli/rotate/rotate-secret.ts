import type { Cluster } from '../../cluster/cluster.ts';
import type { EndpointOptions } from '../../credential/stored-credential.ts';
import type { Aws } from '../aws/aws.ts';
import type { Clock } from '../clock.ts';
import { confirm } from './confirm.ts';
import { explainEnding, explainInterruption } from './explain.ts';
import { follow } from './follow.ts';
import type { RotateOutcome, RotateReport } from './outcome.ts';
import type { TellProgress } from './progress.ts';
import { checkReadiness, type Ready, start } from './start.ts';
import { createStoryReader } from './story-reader.ts';

export interface RotateOptions extends EndpointOptions {
  readonly timeoutMs: number;
  /** How long to wait for Secrets Manager's next attempt after a failure that it may heal. */
  readonly retryWaitMs: number;
}

export interface RotatePorts {
  readonly aws: Aws;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  /** A UUID: the token of the rotation, and a password that nobody has. */
  readonly randomId: () => string;
  /** Waits for the turn to call RotateSecret. */
  readonly turn: () => Promise<void>;
}

/** Rotates one secret and follows it to its end. Whatever AWS or the cluster answers is an outcome, not an exception. */
export async function rotateSecret(
  secretId: string,
  options: RotateOptions,
  ports: RotatePorts,
  tellAll: TellProgress,
): Promise<RotateReport> {
  const { aws, clock, interrupted } = ports;
  const began = clock.now();
  const notes: string[] = [];
  const tell: TellProgress = (progress) => {
    if (progress.kind === 'note') {
      notes.push(progress.text);
    }
    tellAll(progress);
  };
  const report = (outcome: RotateOutcome, known: Partial<RotateReport> = {}): RotateReport => ({
    secretId,
    arn: undefined,
    versionId: undefined,
    previousVersionId: undefined,
    steps: [],
    ...known,
    notes,
    durationMs: clock.now() - began,
    outcome,
  });

  const begun = await begin(secretId, options, ports, tell);
  if (begun.kind === 'not-begun') {
    return report(begun.outcome, begun.known);
  }
  const { ready, token, startedAt } = begun;
  const { secret, currentId } = ready;
  const known = { arn: secret.arn, previousVersionId: currentId };
  tell({ kind: 'started', versionId: token });
  const readStory = createStoryReader({ token, startedAt }, aws.functionLog(ready.functionArn), tell);
  const { ending, story } = await follow(
    {
      secretId,
      token,
      startedFrom: currentId,
      deadline: startedAt + options.timeoutMs,
      retryWaitMs: options.retryWaitMs,
    },
    { aws, readStory, clock, interrupted },
    tell,
  );
  if (ending.kind !== 'promoted') {
    return report(explainEnding(ending, story, secret.name, token), { ...known, versionId: token, steps: story.steps });
  }
  tell({ kind: 'promoted', versionId: token });
  const outcome = interrupted.aborted
    ? explainInterruption('promoted', secret.name)
    : await confirm({ secret, versionId: token, before: ready.current, options }, ports, tell);
  // The function's last lines may have become readable only now.
  const { steps } = await readStory();
  return report(outcome, { ...known, versionId: token, steps });
}

/** How long to wait for a rotation, or the test of a new schedule, that is under way already. */
const PREVIOUS_MS = 10_000;
const PREVIOUS_STEP_MS = 1000;

type Beginning =
  | { kind: 'begun'; ready: Ready; token: string; startedAt: number }
  | { kind: 'not-begun'; outcome: RotateOutcome; known: Partial<RotateReport> };

/** Starts the rotation. What it finds under way it waits for, briefly, and then looks at the secret anew. */
async function begin(
  secretId: string,
  options: RotateOptions,
  { aws, clock, interrupted, randomId, turn }: RotatePorts,
  tell: TellProgress,
): Promise<Beginning> {
  const until = clock.now() + PREVIOUS_MS;
  for (let waits = 0; ; waits++) {
    const ready = await checkReadiness(aws, secretId, options);
    if (ready.kind === 'refused') {
      return { kind: 'not-begun', outcome: ready, known: {} };
    }
    const { secret, currentId } = ready;
    const known = { arn: secret.arn, previousVersionId: currentId };
    await turn();
    if (interrupted.aborted) {
      return { kind: 'not-begun', outcome: explainInterruption('not-started', secret.name), known };
    }
    const token = randomId();
    const startedAt = clock.now();
    const outcome = await start(aws.rotation, secretId, token, ready);
    if (outcome === undefined) {
      return { kind: 'begun', ready, token, startedAt };
    }
    if (outcome.kind !== 'refused' || outcome.code !== 'previous-incomplete' || startedAt >= until) {
      return { kind: 'not-begun', outcome, known };
    }
    if (waits === 0) {
      tell({ kind: 'waiting-for-previous', atMostMs: PREVIOUS_MS });
    }
    await clock.sleep(PREVIOUS_STEP_MS, interrupted);
  }
}
