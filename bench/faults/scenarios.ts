import type { Continuation } from './continuations.ts';
import { FAULTS } from './faults.ts';
import { HEALTHY, STARTING_STATES } from './starting-states.ts';

export interface Scenario {
  /** A key of STARTING_STATES. */
  readonly state: string;
  /** A key of FAULTS. */
  readonly fault: string;
  readonly continuation: Continuation;
}

/** Every other starting state is combined with each of these faults. */
const FAULTS_OF_STATES: ReadonlyArray<readonly [fault: string, continuation: Continuation]> = [
  ['none', 'the same token'],
  ['setSecret: GetSecretValue: key-failure', 'the same token'],
  ['setSecret: killed after the change', 'AWSPENDING removed, new token'],
  ['finishSecret: UpdateSecretVersionStage: deny', 'AWSPENDING removed, new token'],
];

export const SCENARIOS: readonly Scenario[] = [
  ...Object.entries(FAULTS).flatMap(([fault, { continuations }]) =>
    continuations.map((continuation) => ({ state: HEALTHY, fault, continuation })),
  ),
  ...Object.entries(STARTING_STATES)
    .filter(([state]) => state !== HEALTHY)
    .flatMap(([state, { attempts = 1 }]) =>
      // The first of two attempts ends in setSecret.
      FAULTS_OF_STATES.filter(([fault]) => attempts === 1 || !fault.startsWith('finishSecret')).map(
        ([fault, continuation]) => ({ state, fault, continuation }),
      ),
    ),
];
