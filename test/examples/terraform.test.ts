import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@cdktn/hcl2json';
import { beforeAll, describe, expect, it } from 'vitest';
import { environmentSchema } from '../../build/release/environment-schema.ts';
import { functionPolicy } from '../../build/release/function-policy.ts';
import { type CloudFormationTemplate, releaseTemplate } from '../../build/release/template/template.ts';
import { PROJECT } from '../../local/project.ts';

const FOLDER = join(PROJECT, 'examples', 'terraform');
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.tf'));

const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

type Blocks = Readonly<Record<string, Readonly<Record<string, readonly Record<string, unknown>[]>>>>;

/** The parts of main.tf, as HashiCorp's parser reads them. */
interface Main {
  readonly resource: Blocks;
  readonly data: Blocks;
  readonly locals: readonly { readonly interface_actions: readonly string[] }[];
}

let main: Main;
let template: CloudFormationTemplate;

beforeAll(async () => {
  main = (await parse('main.tf', textOf('main.tf'))) as unknown as Main;
  template = releaseTemplate(PROJECT, '1.2.3');
});

const only = (blocks: Blocks, type: string): Record<string, unknown> => {
  const [block, ...others] = Object.values(blocks[type] ?? {}).flat();
  expect([type, others]).toEqual([type, []]);
  return block ?? {};
};

/** Every object with a `sid`, also in a `dynamic` block. */
function statementsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const inside = Object.values(value).flatMap(statementsIn);
  return 'sid' in value ? [value, ...inside] : inside;
}

describe('the module for Terraform', () => {
  it.each(FILES)('%s is HCL', async (file) => {
    await expect(parse(file, textOf(file))).resolves.toBeTypeOf('object');
    await expect(parse(file, textOf(file).replace('{', ''))).rejects.toThrow();
  });

  it('uses only variables that it declares, and declares none that it does not use', async () => {
    const { variable } = (await parse('variables.tf', textOf('variables.tf'))) as { variable: object };
    const used = FILES.flatMap((file) => [...textOf(file).matchAll(/\bvar\.(\w+)/g)]).map(([, name]) => name);
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(variable).toSorted());
  });

  it('refers only to resources, data and locals that it has', () => {
    const text = FILES.map(textOf).join('\n');
    const { resource, data, locals } = main;
    const known = new Set([
      ...Object.entries(resource).flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`)),
      ...Object.entries(data).flatMap(([type, named]) => Object.keys(named).map((name) => `data.${type}.${name}`)),
      ...Object.keys(locals[0] ?? {}).map((name) => `local.${name}`),
    ]);
    const named = [...text.matchAll(/\b(?:data\.)?aws_\w+\.\w+|\blocal\.\w+/g)].map(([reference]) => reference);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((reference) => !known.has(reference))).toEqual([]);
  });

  it('gives the role exactly the actions and the conditions of iam-policy.json', () => {
    const interfaces = main.locals[0]?.interface_actions;
    const own = statementsIn(main.data['aws_iam_policy_document']).map(
      ({ sid, effect = 'Allow', actions, condition = [] }) => ({
        sid,
        effect,
        actions: actions === '$' + '{local.interface_actions}' ? interfaces : actions,
        conditions: (condition as { test: string; variable: string }[]).map(
          ({ test, variable }) => `${test} ${variable}`,
        ),
      }),
    );
    const { Statement } = functionPolicy(template) as { Statement: Record<string, unknown>[] };
    const released = Statement.map(({ Sid, Effect, Action, Condition = {} }) => ({
      sid: Sid,
      effect: Effect,
      actions: Action,
      conditions: Object.entries(Condition as Record<string, object>).flatMap(([test, compared]) =>
        Object.keys(compared).map((variable) => `${test} ${variable}`),
      ),
    }));
    const bySid = (a: { sid: unknown }, b: { sid: unknown }) => String(a.sid).localeCompare(String(b.sid));
    expect(own.toSorted(bySid)).toEqual(released.toSorted(bySid));
  });

  it('makes the function, its permission and the schedules as the template does', () => {
    const resources = Object.values(template.Resources);
    const propertiesOf = (type: string) => resources.find(({ Type }) => Type === type)?.Properties ?? {};
    const fn = propertiesOf('AWS::Lambda::Function');
    expect(only(main.resource, 'aws_lambda_function')).toMatchObject({
      runtime: fn['Runtime'],
      handler: fn['Handler'],
      architectures: fn['Architectures'],
      memory_size: fn['MemorySize'],
      timeout: fn['Timeout'],
      description: fn['Description'],
    });
    const permission = propertiesOf('AWS::Lambda::Permission');
    expect(only(main.resource, 'aws_lambda_permission')).toMatchObject({
      action: permission['Action'],
      principal: permission['Principal'],
      source_account: expect.stringContaining('account_id'),
    });
    expect(only(main.resource, 'aws_secretsmanager_secret_rotation')).toMatchObject({
      rotate_immediately: propertiesOf('AWS::SecretsManager::RotationSchedule')['RotateImmediatelyOnUpdate'],
      depends_on: [expect.stringContaining('aws_lambda_permission'), expect.stringContaining('aws_iam_role_policy')],
    });
  });

  it('names only variables of the function that environment.schema.json has', () => {
    const { $defs } = environmentSchema('1.2.3') as { $defs: { rotation: { properties: object } } };
    const named = FILES.flatMap((file) => [...textOf(file).matchAll(/\b[A-Z]+_[A-Z_]+\b/g)]).map(([name]) => name);
    expect(named).toContain('ROTATED_SECRETS');
    expect(named.filter((name) => !Object.hasOwn($defs.rotation.properties, name))).toEqual([]);
  });
});
