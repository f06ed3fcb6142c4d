import type { Explanation } from './explanation.ts';

/** Why a command did not change a secret as asked. `refused`: nothing changed. */
export type Failure = { readonly kind: 'refused' | 'failed' | 'unconfirmed' | 'interrupted' } & Explanation;

export function interruptedBeforeChange(): Failure {
  return {
    kind: 'interrupted',
    code: 'interrupted',
    message: 'The command was interrupted.',
    advice: 'Nothing was changed.',
  };
}

export function refused(code: string, message: string, advice: string): Failure {
  return { kind: 'refused', code, message, advice };
}

export function failed(code: string, message: string, advice: string): Failure {
  return { kind: 'failed', code, message, advice };
}
