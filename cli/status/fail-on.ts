import { InvalidArgumentError } from 'commander';
import type { Finding } from '../examine/finding.ts';

const SEVERITIES: readonly Finding['severity'][] = ['problem', 'undecided', 'notice'];

/** Severities, and codes of findings. */
export type FailOn = readonly string[];

export const DEFAULT_FAIL_ON: FailOn = ['problem', 'undecided'];

/** A parser for commander: `never`, or severities and codes that are separated by commas. */
export function parseFailOn(text: string): FailOn {
  const names = text.split(',').map((name) => name.trim());
  if (names.length === 1 && names[0] === 'never') {
    return [];
  }
  const wrong = names.find((name) => !/^[a-z]+(-[a-z]+)*$/.test(name) || name === 'never');
  if (wrong !== undefined) {
    throw new InvalidArgumentError(
      `Expected never, or a list of ${SEVERITIES.join(', ')} and codes of findings, such as overdue,rotation-off.`,
    );
  }
  return names;
}

/** Whether a finding makes the command fail. */
export function fails({ severity, code }: Pick<Finding, 'severity' | 'code'>, failOn: FailOn): boolean {
  return failOn.includes(severity) || failOn.includes(code);
}
