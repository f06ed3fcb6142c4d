import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@cdktn/hcl2json';
import { beforeAll, describe, expect, it } from 'vitest';
import { environmentSchema } from '../../build/release/environment-schema.ts';
import { functionPolicy } from '../../build/release/function-policy.ts';
import { type CloudFormationTemplate, releaseTemplate } from '../../build/release/template/template.ts';
import { PROJECT } from '../../local/project.ts';
import { ROTATED_EVENT } from '../../protocol/rotation/rotated-event.ts';

const FOLDER = join(PROJECT, 'examples', 'terraform');
/** The files of the module and of the module for alarms that it uses. */
const FILES = globSync('**/*.tf', { cwd: FOLDER });

const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

type Blocks = Readonly<Record<string, Readonly<Record<string, readonly Record<string, unknown>[]>>>>;

/** The parts of a file, as HashiCorp's parser reads them. */
interface File {
  readonly resource?: Blocks;
  readonly data?: Blocks;
  readonly locals?: readonly Readonly<Record<string, unknown>>[];
}

let files: readonly File[];
let template: CloudFormationTemplate;

beforeAll(async () => {
  files = await Promise.all(FILES.map(async (file) => (await parse(file, textOf(file))) as unknown as File));
  template = releaseTemplate(PROJECT, '1.2.3', { rotation: 'rotation.zip', overdue: 'overdue.zip' });
});

const resources = (type: string): Record<string, unknown>[] =>
  files.flatMap(({ resource = {} }) => Object.values(resource[type] ?? {}).flat());

const templateProperties = (type: string): Readonly<Record<string, unknown>>[] =>
  Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties = {} }) => Properties);

/** Every object with a `sid`, also in a `dynamic` block. */
function statementsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const inside = Object.values(value).flatMap(statementsIn);
  return 'sid' in value ? [value, ...inside] : inside;
}

describe('the module for Terraform', () => {
  it('gives the role of the rotation function exactly the actions and the conditions of iam-policy.json', () => {
    const main = files[FILES.indexOf('main.tf')];
    const interfaces = main?.locals?.[0]?.['interface_actions'];
    const own = statementsIn(main?.data?.['aws_iam_policy_document']).map(
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
      actions: [Action].flat(),
      conditions: Object.entries(Condition as Record<string, object>).flatMap(([test, compared]) =>
        Object.keys(compared).map((variable) => `${test} ${variable}`),
      ),
    }));
    const bySid = (a: { sid: unknown }, b: { sid: unknown }) => String(a.sid).localeCompare(String(b.sid));
    expect(own.toSorted(bySid)).toEqual(released.toSorted(bySid));
    const { source, detailType } = ROTATED_EVENT;
    expect(statementsIn(main?.data).find(({ sid }) => sid === 'SendTheEvent')?.['condition']).toMatchObject([
      { values: [source] },
      { values: [detailType] },
    ]);
  });

  it('names no domain of AWS for a region, because China has another one', () => {
    for (const file of FILES) {
      expect(textOf(file), file).not.toMatch(/region\}\.amazonaws/);
    }
  });

  it('makes the functions, their logs, the permission and the schedules as the template does', () => {
    const functions = templateProperties('AWS::Lambda::Function').map((fn) => ({
      runtime: fn['Runtime'],
      handler: fn['Handler'],
      architectures: fn['Architectures'],
      memory_size: fn['MemorySize'],
      timeout: fn['Timeout'],
      // The name of the zip has the version of the code.
      description: String(fn['Description']).replace(/[^ ]+\)$/, `$${'{local.code_version})'}`),
      logging_config: [{ log_format: 'Text', log_group: expect.stringContaining('aws_cloudwatch_log_group') }],
    }));
    expect(resources('aws_lambda_function')).toEqual(functions.map((fn) => expect.objectContaining(fn)));
    const [permission] = templateProperties('AWS::Lambda::Permission');
    expect(resources('aws_lambda_permission')[0]).toMatchObject({
      action: permission?.['Action'],
      principal: permission?.['Principal'],
      source_account: expect.stringContaining('account_id'),
    });
    const [schedule] = templateProperties('AWS::SecretsManager::RotationSchedule');
    expect(resources('aws_secretsmanager_secret_rotation')).toEqual([
      expect.objectContaining({
        rotate_immediately: schedule?.['RotateImmediatelyOnUpdate'],
        depends_on: [expect.stringContaining('aws_lambda_permission'), expect.stringContaining('aws_iam_role_policy')],
      }),
    ]);
    const groups = templateProperties('AWS::Logs::LogGroup').map(({ RetentionInDays }) => RetentionInDays);
    expect(resources('aws_cloudwatch_log_group')).toEqual(
      groups.map((retention_in_days) => expect.objectContaining({ retention_in_days, skip_destroy: true })),
    );
  });

  it('gives each role the permissions boundary', () => {
    const boundaries = resources('aws_iam_role').map(({ permissions_boundary }) => permissions_boundary);
    expect(boundaries).toEqual(Array(2).fill(`$${'{var.permissions_boundary}'}`));
  });

  it('reads the version of the code from the names of the zips', () => {
    const versions = files.flatMap(({ locals = [] }) => locals.flatMap(({ code_version }) => code_version ?? []));
    const read = versions.map((expression) => {
      const [, fn = '', pattern = '', replacement = ''] =
        /var\.(\w+)_function_zip\), "\/(.*)\/", "(.*)"\)/.exec(String(expression)) ?? [];
      const name = `${fn}-function-1.2.3-0123456789ab.zip`;
      return name.replace(new RegExp(pattern.replaceAll('\\\\', '\\')), replacement);
    });
    expect(read).toEqual(['1.2.3+0123456789ab', '1.2.3+0123456789ab']);
  });

  it('names only variables of the function that environment.schema.json has', () => {
    const { $defs } = environmentSchema('1.2.3') as { $defs: Record<'rotation' | 'overdue', { properties: object }> };
    const variables = { ...$defs.rotation.properties, ...$defs.overdue.properties };
    const named = FILES.flatMap((file) => [...textOf(file).matchAll(/\b[A-Z]+_[A-Z_]+\b/g)]).map(([name]) => name);
    expect(named).toContain('ROTATED_SECRETS');
    expect(named.filter((name) => !Object.hasOwn(variables, name))).toEqual([]);
  });
});
