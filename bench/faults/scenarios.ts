import type { Continuation } from '../../local/cloud/continuations.ts';
import { FAULTS, type Fault } from './faults.ts';
import { HEALTHY, STARTING_STATES, type StartingState } from './starting-states.ts';

export interface Scenario {
  readonly state: StartingState;
  readonly fault: Fault;
  readonly continuation: Continuation;
}

/** Every starting state but {@link HEALTHY} is combined with each of these faults. */
const FAULTS_OF_STATES: Readonly<Record<string, readonly Continuation[]>> = {
  none: ['the same token'],
  'setSecret: GetSecretValue: key-failure': ['the same token'],
  'setSecret: killed after the change': ['AWSPENDING removed, new token'],
  'finishSecret: UpdateSecretVersionStage: deny': ['AWSPENDING removed, new token'],
};

/** The scenarios by name. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  Object.entries(STARTING_STATES).flatMap(([name, state]) =>
    FAULTS.flatMap((fault) =>
      continuationsOf(name, state, fault).map((continuation): [string, Scenario] => [
        [name, fault.name, continuation].join('; '),
        { state, fault, continuation },
      ]),
    ),
  ),
);

function continuationsOf(name: string, { attempts }: StartingState, fault: Fault): readonly Continuation[] {
  if (name === HEALTHY) {
    return fault.continuations;
  }
  // The first of two attempts ends in setSecret.
  const isReached = attempts === undefined || !fault.name.startsWith('finishSecret');
  return isReached ? (FAULTS_OF_STATES[fault.name] ?? []) : [];
}
