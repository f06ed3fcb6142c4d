import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { Lambda } from '@aws-sdk/client-lambda';
import { SNS } from '@aws-sdk/client-sns';
import { beforeAll, describe, expect, it } from 'vitest';
import { functionArchive, reproducibleZip } from '../../build/release/function-archive.ts';
import { releaseTemplate } from '../../build/release/template/template.ts';
import { PROJECT } from '../../local/project.ts';
import { subscribe } from '../e2e/support/subscriber.ts';
import { expectRotated, newUserWithSecret, secretNamed } from '../support/deployed-rotation.ts';
import { awsOptions, documentOf, newClusterUser, secretsManager, servers, uniqueName } from '../support/servers.ts';
import { copyModule, TerraformProject, WITHOUT_TERRAFORM } from './terraform-project.ts';

const { access } = servers();

describe.skipIf(WITHOUT_TERRAFORM)(`the module for Terraform${WITHOUT_TERRAFORM}`, () => {
  const name = uniqueName('terraform');
  let project: TerraformProject;
  let pinned: Awaited<ReturnType<typeof newUserWithSecret>>;
  let other: Awaited<ReturnType<typeof newUserWithSecret>>;
  let topic: string;
  const zips = { rotation: '', overdue: '' };

  beforeAll(async () => {
    project = new TerraformProject(access);
    copyModule(join(project.folder, 'zilliz-rotation'));
    for (const fn of ['rotation', 'overdue'] as const) {
      const { file, zip } = await functionArchive(PROJECT, fn);
      writeFileSync(join(project.folder, file), zip);
      zips[fn] = file;
    }
    pinned = await newUserWithSecret('tls');
    other = await newUserWithSecret('tls');
    topic = (await new SNS(awsOptions()).createTopic({ Name: name })).TopicArn ?? '';
    const { endpoint, username } = pinned.user;
    project.write(
      'main.tf',
      `module "rotation" {
        source                = "./zilliz-rotation"
        rotation_function_zip = "${zips.rotation}"
        name                  = "${name}"
        environment           = { ALLOWED_ENDPOINTS = "localhost", CLUSTER_CA = file("${access.caFile}") }

        secrets = {
          "${pinned.secret.name}" = { endpoint = "${endpoint.url}", username = "${username}" }
          "${other.secret.name}"  = { schedule_expression = "rate(7 days)" }
        }

        alarms = {
          topic_arn            = "${topic}"
          overdue_function_zip = "${zips.overdue}"
        }
      }`,
    );
    await project.apply();
  });

  /** Without alarms, because the emulator answers the provider without most of their members. */
  const plannedWithoutAlarms = async (): Promise<object> => {
    const planned = Object.entries(await project.planned());
    return Object.fromEntries(planned.filter(([address]) => !address.includes('metric_alarm')));
  };

  it('is formatted', async () => {
    await project.run('fmt', '-check', '-recursive', join(PROJECT, 'examples', 'terraform'));
  });

  it('rotates each secret with its own schedule', async () => {
    for (const { secret, user } of [pinned, other]) {
      await secret.until();
      await expectRotated(secret, user);
    }
    const rules = [pinned, other].map(async ({ secret }) => {
      const { RotationRules } = await secret.describe();
      return RotationRules;
    });
    expect(await Promise.all(rules)).toEqual([{ AutomaticallyAfterDays: 30 }, { AutomaticallyAfterDays: 7 }]);
  });

  it('has nothing to change in a second plan', async () => {
    expect(await plannedWithoutAlarms()).toEqual({});
  });

  it('makes the alarms of the template', async () => {
    const { MetricAlarms = [] } = await new CloudWatch(awsOptions()).describeAlarms({ AlarmNamePrefix: name });
    const templates = Object.values(releaseTemplate(PROJECT, '1.2.3', zips).Resources)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties = {} }) => Properties);
    expect(MetricAlarms.map(comparable).toSorted(byAnchor)).toEqual(templates.map(comparable).toSorted(byAnchor));
    for (const { AlarmActions, OKActions } of MetricAlarms) {
      expect([AlarmActions, OKActions]).toEqual([[topic], [topic]]);
    }
  });

  it('tells the topic of a secret that names another user than its pin, and of an abandoned rotation', async () => {
    const received = await subscribe(awsOptions(), topic);
    const value = await pinned.secret.value();
    await pinned.secret.store(await other.secret.value());
    await pinned.secret.setRetries(0);
    await pinned.secret.rotate();
    await pinned.secret.store(value);
    const messages: string[] = [];
    await expect
      .poll(async () => {
        messages.push(...(await received()));
        return messages.map((message) => /#([\w-]+)/.exec(message)?.[1]).toSorted();
      })
      .toEqual(['rotation-abandoned', 'rotation-failed']);
    expect(messages.join('\n')).toContain('RotationAbandoned: arn:aws:secretsmanager');
  });

  it('runs the check for overdue rotations', async () => {
    const answer = await new Lambda(awsOptions()).invoke({ FunctionName: `${name}-overdue` });
    expect(answer).toMatchObject({ StatusCode: 200 });
    expect(answer.FunctionError).toBeUndefined();
  });

  it('upgrades the function in place, also if the module gets another name', async () => {
    const zip = 'rotation-function-99.0.0-0123456789ab.zip';
    writeFileSync(join(project.folder, zip), reproducibleZip({ 'index.js': 'another version' }));
    const main = readFileSync(join(project.folder, 'main.tf'), 'utf8').replace(zips.rotation, zip);
    project.write('main.tf', main.replace('module "rotation"', 'module "credentials"'));
    project.write('moved.tf', 'moved {\n  from = module.rotation\n  to   = module.credentials\n}\n');
    await project.run('init');
    expect(await plannedWithoutAlarms()).toEqual({ 'module.credentials.aws_lambda_function.rotation': 'update' });
  });

  it('rotates the secrets of a folder with one permission, which several long names need, and refuses unreadable pins', async () => {
    const many = new TerraformProject(access);
    copyModule(join(many.folder, 'zilliz-rotation'));
    const prefix = `${uniqueName('folder')}/`;
    // The environment of a function has 4 KB.
    const names = Array.from({ length: 10 }, (_, index) => `${prefix}${'long-name-'.repeat(45)}${index}`);
    const [own = ''] = names;
    const user = await newClusterUser('tls');
    await Promise.all(names.map((Name) => secretsManager().createSecret({ Name, SecretString: documentOf(user) })));
    const moduleOf = (label: string, secrets: string, more = ''): string =>
      `module "${label}" {
        source                = "./zilliz-rotation"
        rotation_function_zip = "${join(project.folder, zips.rotation)}"
        name                  = "${uniqueName('many')}"
        environment           = { ALLOWED_ENDPOINTS = "localhost", CLUSTER_CA = file("${access.caFile}") }
        secrets               = { ${secrets} }
        ${more}
      }
      `;
    const withoutPins = (secrets: readonly string[]): string => secrets.map((each) => `"${each}" = {}`).join(', ');
    const folder = `secret_name_prefix = "${prefix}"`;
    const users = ['["a"]', '["a", "a"]', '["a", ""]', '["a", "b", "a"]'].map((list) => `usernames = ${list}`);
    const pins = [...users, 'endpoint = ""'].map((each) => `"${own}" = { ${each} }`);
    // One plan for several refusals, because each start of Terraform takes a second.
    const refusalsOf = async (...modules: readonly string[]): Promise<string> => {
      many.write('main.tf', modules.join(''));
      await many.run('init');
      return await many.run('plan', '-no-color').catch(String);
    };
    const unreadable = await refusalsOf(...pins.map((each, index) => moduleOf(`pins_${index}`, each)));
    expect(unreadable.split('Give two different usernames'), unreadable).toHaveLength(1 + pins.length);
    const misplaced = await refusalsOf(
      moduleOf('rotation', withoutPins(names)),
      moduleOf('outside', withoutPins([pinned.secret.name]), folder),
    );
    expect(misplaced).toContain('These are too many secrets');
    expect(misplaced).toContain('must start with');
    const write = (secrets: readonly string[]): void =>
      many.write('main.tf', moduleOf('rotation', withoutPins(secrets), folder));
    write(names);
    await many.run('plan', '-no-color');
    write([own]);
    await many.apply();
    const secret = secretNamed(own);
    await secret.until();
    await expectRotated(secret, user);
    const { RotationLambdaARN = '' } = await secret.describe();
    const { Environment } = await new Lambda(awsOptions()).getFunctionConfiguration({
      FunctionName: RotationLambdaARN,
    });
    expect(Environment?.Variables?.['ROTATED_SECRETS']).toBe(`${prefix}*`);
    await many.run('destroy', '-auto-approve', '-no-color');
  });

  it('turns rotation off when it is destroyed, and leaves the secrets', async () => {
    const before = await pinned.secret.value();
    await project.run('destroy', '-auto-approve', '-no-color');
    expect(await pinned.secret.describe()).toMatchObject({ RotationEnabled: false });
    expect(await pinned.secret.value()).toBe(before);
  });
});

interface Comparable {
  readonly anchor: string | undefined;
}

/** What an alarm watches, without the names that the deployment gives. */
function comparable(alarm: Readonly<Record<string, unknown>> | object): Comparable {
  const properties = alarm as Readonly<Record<string, unknown>>;
  const keys = ['MetricName', 'Namespace', 'Statistic', 'Period', 'EvaluationPeriods', 'Threshold'];
  return {
    anchor: /#([\w-]+)/.exec(JSON.stringify(properties['AlarmDescription']))?.[1],
    dimensions: (properties['Dimensions'] as { Name: string }[]).map(({ Name }) => Name),
    ...Object.fromEntries([...keys, 'ComparisonOperator', 'TreatMissingData'].map((key) => [key, properties[key]])),
  } as Comparable;
}

function byAnchor(a: Comparable, b: Comparable): number {
  return String(a.anchor).localeCompare(String(b.anchor));
}
