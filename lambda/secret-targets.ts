import type { SecretTarget } from './rotation/ports.ts';

/** @returns undefined when the text is not JSON `{"<name of a secret>": {"endpoint"?: string, "username"?: string}}`. */
export function parseSecretTargets(text: string): Readonly<Record<string, SecretTarget>> | undefined {
  let targets: unknown;
  try {
    targets = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isRecord(targets) && Object.values(targets).every(isTarget)
    ? (targets as Record<string, SecretTarget>)
    : undefined;
}

function isTarget(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.entries(value).every(
      ([key, text]) => (key === 'endpoint' || key === 'username') && typeof text === 'string' && text !== '',
    )
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
