import type { CloudFormationTemplate } from './template.ts';

/** The value of each parameter, pseudo parameter and attribute (`LogicalId.Arn`). */
export type Values = Readonly<Record<string, string>>;

const NO_VALUE = { Ref: 'AWS::NoValue' };

/**
 * A part of a template as CloudFormation deploys it, for the functions that our template uses.
 *
 * @throws Error for a value that is not given, and for another function.
 */
export function evaluate(part: unknown, template: CloudFormationTemplate, values: Values): unknown {
  const { Parameters, Conditions } = template;
  const named = (name: string): string => {
    const value = values[name] ?? Parameters[name]?.Default;
    if (value === undefined) {
      throw new Error(`The template refers to ${name}, which has no value here.`);
    }
    return value;
  };
  const call = (name: string, given: unknown): unknown => {
    const list = (given: unknown): unknown[] => resolve(given) as unknown[];
    switch (name) {
      case 'Ref':
        return named(String(given));
      case 'Fn::GetAtt':
        return named((given as string[]).join('.'));
      case 'Fn::Join': {
        const [separator, parts] = given as [string, unknown];
        return list(parts).join(separator);
      }
      case 'Fn::Split': {
        const [separator, text] = given as [string, unknown];
        return String(resolve(text)).split(separator);
      }
      case 'Fn::Equals': {
        const [one, other] = list(given);
        return one === other;
      }
      case 'Fn::Not':
        return !list(given)[0];
      case 'Fn::If': {
        const [condition, yes, no] = given as [string, unknown, unknown];
        return resolve(resolve(Conditions[condition]) ? yes : no);
      }
      default:
        throw new Error(`${name} is not a function that this module evaluates.`);
    }
  };
  const isNoValue = (value: unknown): boolean => JSON.stringify(value) === JSON.stringify(NO_VALUE);
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map(resolve).filter((member) => !isNoValue(member));
    }
    if (typeof value !== 'object' || value === null || isNoValue(value)) {
      return value;
    }
    const entries = Object.entries(value);
    const [name = '', given] = entries[0] ?? [];
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
      return call(name, given);
    }
    const members = entries.map(([key, member]) => [key, resolve(member)] as const);
    return Object.fromEntries(members.filter(([, member]) => !isNoValue(member)));
  };
  return resolve(part);
}
