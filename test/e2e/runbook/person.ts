import { rotationSettles } from '../../support/deployed-rotation.ts';
import type { Situation } from './scenario.ts';

export type Answer = readonly [question: string, answer: string];

export const YES: Answer = ['Carry this out? [y/N]', 'y\r'];

export const SEND_ADMIN = (url: string): Answer => [`Send the admin's credential to ${url}? [y/N]`, 'y\r'];

/** Declines the rotation that `init` offers. */
export const NOT_NOW: Answer = ['Rotate now? [y/N]', 'n\r'];

/** Types the password for `init`, agrees to the plan, and declines the rotation. */
export function typedPassword({ user, values }: Situation): readonly Answer[] {
  return [[` at ${user.endpoint.url}: `, `${values['PASSWORD'] ?? ''}\r`], YES, NOT_NOW];
}

/** The schedule of every secret of the stack, as an argument. */
export const RULES: string = `'${JSON.stringify({ ScheduleExpression: 'rate(30 days)' })}'`;

/** Waits until Secrets Manager has tested the schedule, or a rotation has ended. */
export async function settled({ secret }: Situation): Promise<undefined> {
  await rotationSettles(secret);
}
