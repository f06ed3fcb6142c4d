/** Writes the table of docs/fleets.md from its measurement. `npm run generate` runs it. */
import { writePage } from './rotations/page.ts';

writePage();
