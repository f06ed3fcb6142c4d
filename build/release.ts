import { join, resolve } from 'node:path';
import { writeRelease } from './release/write-release.ts';

/** npm run release:artifacts [-- FOLDER]: writes the files of a release. Default: release/. */
const project = resolve(import.meta.dirname, '..');
const folder = process.argv[2] ?? join(project, 'release');
const version = await writeRelease(project, folder);
process.stdout.write(`Version ${version} is in ${folder}.
The template expects the zips in the folder zilliz-secret-rotation/ of the bucket.\n`);
