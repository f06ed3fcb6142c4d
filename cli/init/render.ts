import type { ChangePorts } from '../change/change-ports.ts';
import { changeKeys, changeText } from '../change/outcome.ts';
import { jsonName, nameOf } from '../credential-forms/forms.ts';
import { printable } from '../terminal/text.ts';
import type { InitReport } from './init-secret.ts';
import type { InitDocument } from './json-schema.ts';

export function initText(document: InitDocument, { users, entry: planned }: InitReport): string {
  const { outcome, endpoint, entry, error } = document;
  const text = changeText(
    document,
    outcome === 'ready' ? 'ready for rotation.' : 'in order. Nothing was changed.',
    users.map(({ credentials }) => ['login', `${nameOf(credentials)} at ${endpoint} is accepted`]),
  );
  if (entry === null || error !== null || planned?.isDeployed === true) {
    return text;
  }
  const lines = entry.trimEnd().split('\n');
  return [text, '\nsecrets:\n', ...lines.map((line) => `  ${printable(line)}\n`)].join('');
}

function nextStep({ entry, target }: InitReport, secretId: string): string {
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

export function documentOf(report: InitReport, { secretId, asked }: ChangePorts): InitDocument {
  const { outcome, target, users, entry } = report;
  const named = users.map(({ credentials, origin }) => ({ ...jsonName(credentials), origin }));
  const { exitCode, error, ...ended } = changeKeys(outcome);
  return {
    ...{ command: 'init', exitCode, secret: secretId },
    arn: target?.secret?.arn ?? null,
    ...ended,
    endpoint: target?.endpoint.url ?? null,
    users: named.flatMap(({ username, origin }) => (username === null ? [] : [{ username, origin }])),
    apiKeyId: named[0]?.apiKeyId ?? null,
    plan: [...asked.plan],
    entry: entry?.text ?? null,
    notes: [...(entry?.notes ?? [])],
    error,
    next: error === null ? nextStep(report, secretId) : null,
  };
}
