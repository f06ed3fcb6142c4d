import type { CommandPorts } from '../command-ports.ts';
import { type Failure, interruptedBeforeChange, refused } from '../outcome/failure.ts';
import { printable } from './text.ts';

/** Shows a text and asks, unless an option answers. @returns `undefined` after a yes */
export async function showAndAsk(
  text: string,
  question: string,
  { yes, json }: { readonly yes?: boolean; readonly json?: boolean },
  { out, ask, interrupted }: Pick<CommandPorts, 'out' | 'ask' | 'interrupted'>,
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
