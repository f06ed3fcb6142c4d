import type { Subject } from './subject.ts';

/** How people go on after a failed rotation. */
export const CONTINUATIONS = {
  'the same token': async (): Promise<void> => undefined,
  'AWSPENDING removed, new token': async (subject: Subject): Promise<void> => await subject.removePendingByHand(),
  'cancelled, AWSPENDING removed, new token': async (subject: Subject): Promise<void> => {
    await subject.cancelRotation();
    await subject.removePendingByHand();
  },
  'another key stored by hand': async (subject: Subject): Promise<void> => {
    await subject.storeByHand(JSON.stringify({ ...(JSON.parse(await subject.current()) as object), note: 'edited' }));
  },
  'a wrong password stored by hand': async (subject: Subject): Promise<void> => {
    await subject.storeByHand(subject.document('Wrong-by-hand-1'));
  },
} as const;

export type Continuation = keyof typeof CONTINUATIONS;
