import type { CommandPorts } from '../command-ports.ts';
import { type Failure, interruptedBeforeChange, refused } from '../outcome/failure.ts';
import { printable } from './text.ts';

/** Shows the plan and asks. `unasked` if nobody can answer. */
export type AskForConsent = (plan: readonly string[], about?: ConsentAbout) => Promise<'yes' | 'no' | 'unasked'>;

export interface ConsentAbout {
  /** After the name of the secret. @default `plan` */
  readonly heading?: string;
  /** @default `Carry this out?` */
  readonly question?: string;
  readonly place?: string | undefined;
}

interface PromptOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

type PromptPorts = Pick<CommandPorts, 'out' | 'ask'>;

export function planPrompt(secretId: string, options: PromptOptions, ports: PromptPorts): AskForConsent {
  return async (plan, { heading = 'plan', question = 'Carry this out?', place } = {}) => {
    const title = `${secretId}: ${heading}${place === undefined ? '' : ` (${place})`}`;
    return await showAndAsk(planText(title, plan), question, options, ports);
  };
}

/** Shows a text and asks, unless an option answers. `unasked` if nobody can answer. */
export async function showAndAsk(
  text: string,
  question: string,
  { yes, json }: PromptOptions,
  { out, ask }: PromptPorts,
): Promise<'yes' | 'no' | 'unasked'> {
  if (!json) {
    out.write(text);
  }
  if (yes) {
    return 'yes';
  }
  return ask === undefined || json ? 'unasked' : await ask(printable(question));
}

interface ConsentPorts {
  readonly askForConsent: AskForConsent;
  readonly interrupted: AbortSignal;
}

/** @returns `undefined` after a yes */
export async function askForPlan(
  plan: readonly string[],
  { askForConsent, interrupted }: ConsentPorts,
  about?: ConsentAbout,
): Promise<Failure | undefined> {
  const consent = await askForConsent(plan, about);
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

function planText(title: string, plan: readonly string[]): string {
  return [printable(title), ...plan.map((line, index) => `  ${index + 1}. ${printable(line)}`), ''].join('\n');
}
