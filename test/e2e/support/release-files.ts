import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { writeRelease } from '../../../build/release/write-release.ts';
import { createOnce } from '../../../local/cloud/claim.ts';
import { PROJECT } from '../../../local/project.ts';
import { servers } from '../../support/servers.ts';

/** Copies the files of the release, which all test files of a run share, into a new folder. */
export async function copyRelease(folder: string): Promise<void> {
  const shared = join(servers().access.stateDir, 'release');
  await createOnce(shared, () => writeRelease(PROJECT, shared));
  cpSync(shared, folder, { recursive: true });
}
