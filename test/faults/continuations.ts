/** What people do to a secret after a failed rotation. */
export interface ManualChanges {
  removePendingByHand(): void | Promise<void>;
  cancelRotation(): void | Promise<void>;
  storeAnotherKey(): void | Promise<void>;
  storeWrongPassword(): void | Promise<void>;
}

export type Continuation =
  | 'the same token'
  | 'AWSPENDING removed, new token'
  | 'cancelled, AWSPENDING removed, new token'
  | 'another key stored by hand'
  | 'a wrong password stored by hand';

/** What happens between a failed rotation and the next attempt. */
export const CONTINUATIONS: Readonly<Record<Continuation, (secret: ManualChanges) => Promise<void>>> = {
  'the same token': async () => undefined,
  'AWSPENDING removed, new token': async (secret) => await secret.removePendingByHand(),
  'cancelled, AWSPENDING removed, new token': async (secret) => {
    await secret.cancelRotation();
    await secret.removePendingByHand();
  },
  'another key stored by hand': async (secret) => await secret.storeAnotherKey(),
  'a wrong password stored by hand': async (secret) => await secret.storeWrongPassword(),
};
