import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PROJECT } from '../../local/project.ts';
import { secretNamed } from '../support/deployed-rotation.ts';
import { servers, uniqueName } from '../support/servers.ts';
import { TerraformProject, WITHOUT_TERRAFORM } from './terraform-project.ts';

/** The block of docs/migration.md that takes the version of `orders` out of Terraform's state. */
const REMOVED = /^ *removed \{\n.*?^ {3}\}\n/ms.exec(readFileSync(join(PROJECT, 'docs', 'migration.md'), 'utf8'))?.[0];

describe.skipIf(WITHOUT_TERRAFORM)(`a secret whose first value Terraform wrote${WITHOUT_TERRAFORM}`, () => {
  const named = {
    kept: secretNamed(uniqueName('kept')),
    deleted: secretNamed(uniqueName('deleted')),
    orders: secretNamed(uniqueName('orders')),
  };
  const secretOf = (id: keyof typeof named): string =>
    `resource "aws_secretsmanager_secret" "${id}" {
      name = "${named[id].name}"
    }
    `;
  const versionOf = (id: keyof typeof named): string =>
    `resource "aws_secretsmanager_secret_version" "${id}" {
      secret_id     = aws_secretsmanager_secret.${id}.id
      secret_string = "first"
      lifecycle {
        ignore_changes = [secret_string, version_stages]
      }
    }
    `;
  const secrets = `${secretOf('kept')}${secretOf('deleted')}${secretOf('orders')}`;
  let planned: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const project = new TerraformProject(servers().access);
    project.write('main.tf', `${secrets}${versionOf('kept')}${versionOf('deleted')}${versionOf('orders')}`);
    await project.apply();
    const { AWSCURRENT: first = '' } = await named.kept.labels();
    for (const secret of Object.values(named)) {
      expect(await secret.value()).toBe('first');
      await secret.store('rotated');
    }
    // Secrets Manager deletes the first version of `kept`. The emulator keeps all versions, so the
    // state gets the id of a version that does not exist.
    const state = join(project.folder, 'terraform.tfstate');
    writeFileSync(state, readFileSync(state, 'utf8').replaceAll(first, randomUUID()));
    project.write('main.tf', `${secrets}${versionOf('kept')}${REMOVED}`);
    planned = await project.planned();
    await project.apply();
  });

  const expectPlanned = (id: keyof typeof named, action: string): void =>
    expect(planned[`aws_secretsmanager_secret_version.${id}`]).toBe(action);

  it('gets the first value again, in spite of ignore_changes, after Secrets Manager has deleted the version', async () => {
    expectPlanned('kept', 'create');
    expect(await named.kept.value()).toBe('first');
  });

  it('loses AWSPREVIOUS if the resource is only deleted', async () => {
    expectPlanned('deleted', 'delete');
    expect(Object.keys(await named.deleted.labels())).toEqual(['AWSCURRENT']);
  });

  it('keeps its value and its labels with the block of docs/migration.md', async () => {
    expectPlanned('orders', 'remove');
    expect(await named.orders.value()).toBe('rotated');
    expect(Object.keys(await named.orders.labels()).toSorted()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  });
});
