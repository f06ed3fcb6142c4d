import * as z from 'zod';
import { endpointFormProblem } from '../rules/endpoint-problem.ts';
import type { Form, Range } from '../rules/forms.ts';
import { FULL_ARN } from './configuration.ts';

/** A string of a form. The sentence says what is allowed: it is the whole error message after the value. */
export const text = (pattern: RegExp, allowed: string): z.ZodString =>
  z.string({ error: allowed }).regex(pattern, { error: allowed });

export const formed = ({ pattern, allowed }: Form): z.ZodString => text(pattern, allowed);

export const within = ({ low, high, allowed }: Range): z.ZodInt => whole(low, high, allowed);

export const whole = (low: number, high: number, allowed: string): z.ZodInt =>
  z.int({ error: allowed }).min(low, { error: allowed }).max(high, { error: allowed });

export const flag = (): z.ZodBoolean => z.boolean({ error: 'Write true or false.' });

export const removalPolicy = (): z.ZodEnum<{ retain: 'retain'; destroy: 'destroy' }> =>
  z.enum(['retain', 'destroy'], { error: 'Write retain or destroy.' });

export const keyArn = (): z.ZodString =>
  text(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
    'Write the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/ID.',
  );

export const secretArn = (): z.ZodString =>
  text(
    FULL_ARN,
    'Write the full ARN: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-123456, its six characters included.',
  );

/** A map with these keys and no others; the hint says where a key belongs that one might look for here. */
export const map = <Shape extends z.core.$ZodShape>(shape: Shape, hint = ''): z.ZodObject<Shape, z.core.$strict> => {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `No such key here. Allowed: ${keys}.${hint}`
        : `Write a map with keys among ${keys}.`,
  });
};

export const endpoint = (): z.ZodString =>
  z.string({ error: 'Write https://host[:port], in quotes or bare.' }).superRefine((value, context) => {
    const problem = endpointFormProblem(value);
    if (problem !== undefined) {
      context.addIssue({ code: 'custom', message: problem });
    }
  });
