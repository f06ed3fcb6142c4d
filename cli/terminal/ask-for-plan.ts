import type { CommandPorts } from '../command-ports.ts';
import { type Failure, interruptedBeforeChange, refused } from '../outcome/failure.ts';
import { printable } from './text.ts';

/** Shows the plan of a command and asks. @returns `undefined` after a yes */
export type AskForConsent = (plan: readonly string[], about?: ConsentAbout) => Promise<Failure | undefined>;

interface ConsentAbout {
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

type PromptPorts = Pick<CommandPorts, 'out' | 'ask' | 'interrupted'>;

/** @param title the name of the secret */
export function planPrompt(title: string, options: PromptOptions, ports: PromptPorts): AskForConsent {
  return async (plan, { heading = 'plan', question = 'Carry this out?', place } = {}) => {
    const first = `${title}: ${heading}${place === undefined ? '' : ` (${place})`}`;
    const lines = [printable(first), ...plan.map((line, index) => `  ${index + 1}. ${printable(line)}`), ''];
    return await showAndAsk(lines.join('\n'), question, options, ports);
  };
}

/** Shows a text and asks, unless an option answers. @returns `undefined` after a yes */
export async function showAndAsk(
  text: string,
  question: string,
  { yes, json }: PromptOptions,
  { out, ask, interrupted }: PromptPorts,
): Promise<Failure | undefined> {
  if (!json) {
    out.write(text);
  }
  const answer = yes ? 'yes' : json ? undefined : await ask?.(printable(question));
  if (interrupted.aborted) {
    return interruptedBeforeChange();
  }
  switch (answer) {
    case 'yes':
      return undefined;
    case 'no':
      return refused(
        'declined',
        'The plan was declined. Nothing was changed.',
        'Run the command again to carry the plan out.',
      );
    case undefined:
      return refused(
        'consent-needed',
        'Nobody confirmed the plan. Nothing was changed.',
        'Repeat with --yes to carry the plan out.',
      );
  }
}
