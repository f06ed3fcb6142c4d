import type { Advice } from '../advice.ts';
import type { Explanation } from '../explanation.ts';

/** `problem`: somebody must act. `notice`: no action is needed. `undecided`: not known here. */
export interface Finding extends Explanation {
  readonly severity: 'problem' | 'notice' | 'undecided';
}

export function problem(code: string, message: string, advice: Advice): Finding {
  return { severity: 'problem', code, message, advice };
}

export function notice(code: string, message: string, advice: Advice): Finding {
  return { severity: 'notice', code, message, advice };
}

export function undecided(message: string, advice: Advice): Finding {
  return { severity: 'undecided', code: 'undecided', message, advice };
}
