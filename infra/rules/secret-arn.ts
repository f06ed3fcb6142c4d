import type * as z from 'zod';
import { text } from './fields.ts';

const FULL_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:([\w/+=.@-]{1,512})-[A-Za-z0-9]{6}$/;

export const secretArn = (): z.ZodString =>
  text(
    FULL_ARN,
    'Write the full ARN, with the six characters at its end: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-123456.',
  );

/** `undefined` if the text is not the full ARN of a secret. */
export function nameInArn(arn: string): string | undefined {
  return FULL_ARN.exec(arn)?.[1];
}
