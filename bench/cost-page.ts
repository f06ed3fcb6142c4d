/** Writes docs/cost.md from the prices and the measurement. `npm run generate` runs it. */
import { writePage } from './cost/page.ts';

writePage();
