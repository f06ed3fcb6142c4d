import type { CommandRefusal, Explanation } from './failure.ts';

/**
 * Names the kind and the place of an error, without its message, which can quote a secret.
 *
 * @param secretId the secret that the command worked on. Default: not known
 */
export function explainFault(error: unknown, secretId = '--all'): Explanation {
  const place = error instanceof Error ? /\n\s+at .*/.exec(error.stack ?? '')?.[0].trim() : undefined;
  const kind = error instanceof Error ? error.name : typeof error;
  return {
    code: 'unexpected',
    message: `unexpected ${kind}${place === undefined ? '' : ` ${place}`}. This is a fault of zilliz-rotation. What runs in AWS continues.`,
    advice: `Report this line to its maintainers. See the state with \`zilliz-rotation status ${secretId}\`.`,
  };
}

export function refusalOfFault(secretId: string): (error: unknown) => CommandRefusal {
  return (error) => ({ kind: 'refused', ...explainFault(error, secretId) });
}
