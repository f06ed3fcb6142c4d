import { errorJson, exitCodeOf, failureText } from '../change/outcome.ts';
import { formOf, nameOf } from '../credential-forms/forms.ts';
import { paragraph, printable } from '../terminal/text.ts';
import type { PlannedEntry } from './entry.ts';
import type { InitReport } from './init-secret.ts';

export function initText(report: InitReport): string {
  const { outcome, secretId, notes, entry } = report;
  const noteLines = notes.map((note) => ['note', note] as const);
  if ('code' in outcome) {
    return failureText(secretId, outcome, noteLines);
  }
  const title = outcome.kind === 'ready' ? 'ready for rotation.' : 'in order. Nothing was changed.';
  return [
    paragraph(`${secretId}: ${title}`, [
      ...report.users.map(
        ({ credentials }) => ['login', `${nameOf(credentials)} at ${credentials.endpoint.url} is accepted`] as const,
      ),
      ...noteLines,
      ['next', nextStep(report)],
    ]),
    ...(entry === undefined || entry.isDeployed ? [] : [entryParagraph(entry)]),
  ].join('');
}

function entryParagraph({ text }: PlannedEntry): string {
  const lines = text.trimEnd().split('\n');
  return ['', 'secrets:', ...lines.map((line) => `  ${printable(line)}`), ''].join('\n');
}

/** What the operator does after the command. */
function nextStep({ secretId, entry, target }: InitReport): string {
  const name = target?.secret?.name ?? secretId;
  const rotate = `\`zilliz-rotation rotate ${name}\``;
  if (entry?.isDeployed === true) {
    return `Replace the credential with ${rotate}.`;
  }
  return (
    'Add the entry below to the configuration file of the rotation stack. ' +
    'If the file has an entry for the secret, give that entry these users, or this apiKeyId, and the endpoint. ' +
    `Deploy the stack. Then replace the credential with ${rotate}.`
  );
}

/** The document of `--json`. `json-schema.ts` describes it. */
export function initJson(report: InitReport): Record<string, unknown> {
  const { outcome, secretId, target, users, plan, notes, entry } = report;
  const named = users.map(({ credentials, origin }) => {
    return { ...formOf(credentials).json(credentials.username), origin };
  });
  return {
    command: 'init',
    exitCode: exitCodeOf(outcome),
    secret: secretId,
    arn: target?.secret?.arn ?? null,
    outcome: outcome.kind,
    endpoint: target?.endpoint.url ?? null,
    users: named.flatMap(({ username, origin }) => (username === null ? [] : [{ username, origin }])),
    apiKeyId: named[0]?.apiKeyId ?? null,
    plan,
    entry: entry?.text ?? null,
    notes,
    error: errorJson(outcome),
    next: 'code' in outcome ? null : nextStep(report),
  };
}
