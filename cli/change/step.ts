import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { endWith, refused } from '../outcome/failure.ts';
import type { ChangePorts } from './change-ports.ts';

/**
 * One step of a plan that changes a secret or its cluster. If the command stops, the next command
 * plans again from what is stored and accepted, so it can repeat a step.
 */
export interface PlanStep {
  /**
   * Set if a plan, or carrying it out, treats the step in its own way. `store`: with a sent label.
   */
  readonly kind?: 'store' | 'log-in' | 'send-event' | 'add-sent-label' | 'remove-pending' | 'reset-password';
  /** For the plan, and as progress. */
  readonly text: string;
  /** @throws FailureError, AwsError, SecretStoreError */
  readonly run: (ports: ChangePorts) => Promise<unknown>;
  /** The version that the step stores or labels. */
  readonly versionId?: string;
  /** With which the step logs in. */
  readonly credentials?: Credentials;
}

export interface Plan {
  /** Empty: there is nothing to do. */
  readonly steps: readonly PlanStep[];
  /** What the operator should know before a yes. */
  readonly remarks: readonly string[];
  /** As the rotation function is configured. */
  readonly propagationMs: number | undefined;
}

export function planTexts({ steps, remarks }: Plan): readonly string[] {
  return [...steps.map(({ text }) => text), ...remarks];
}

/** The code of a failure after which the cluster may accept the stored password, now or later. */
export const UNSETTLED = 'unsettled';

/** @throws FailureError */
export function endAsChanged(message: string, advice = 'Run the command again to plan from the new state.'): never {
  endWith(refused('changed-meanwhile', message, advice));
}
