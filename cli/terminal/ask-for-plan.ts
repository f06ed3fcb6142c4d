import type { CommandPorts } from '../command-ports.ts';
import { type Failure, interruptedBeforeChange, refused } from '../failure.ts';
import { printable } from './text.ts';
import { writeText } from './write-text.ts';

/** Shows the plan and asks. `unasked` if nobody can answer. */
export type AskForConsent = (plan: readonly string[]) => Promise<'yes' | 'no' | 'unasked'>;

export function planPrompt(
  secretId: string,
  { yes, json }: { readonly yes?: boolean; readonly json?: boolean },
  { out, ask }: Pick<CommandPorts, 'out' | 'ask'>,
): AskForConsent {
  return async (plan) => {
    if (!json) {
      writeText(out, planText(secretId, plan));
    }
    if (yes) {
      return 'yes';
    }
    return ask === undefined || json ? 'unasked' : await ask('Carry this out?');
  };
}

/** @returns `undefined` after a yes */
export async function askForPlan(
  plan: readonly string[],
  { askForConsent, interrupted }: { readonly askForConsent: AskForConsent; readonly interrupted: AbortSignal },
): Promise<Failure | undefined> {
  const consent = await askForConsent(plan);
  if (interrupted.aborted) {
    return interruptedBeforeChange();
  }
  switch (consent) {
    case 'yes':
      return undefined;
    case 'no':
      return refused(
        'declined',
        'The plan was declined. Nothing was changed.',
        'Run the command again to carry the plan out.',
      );
    case 'unasked':
      return refused(
        'consent-needed',
        'Nobody confirmed the plan. Nothing was changed.',
        'Repeat with --yes to carry the plan out.',
      );
  }
}

function planText(secretId: string, plan: readonly string[]): string {
  return [`${secretId}: plan`, ...plan.map((line, index) => `  ${index + 1}. ${printable(line)}`), ''].join('\n');
}
