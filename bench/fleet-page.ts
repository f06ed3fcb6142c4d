/** Writes the table of `bench:rotations` in docs/fleets.md. `npm run generate` runs this. */
import { writePage } from './rotations/page.ts';

writePage();
