/**
 * Writes the tables of `bench:rotations` and `bench:bulk` in docs/fleets.md. `npm run generate`
 * runs this.
 */
import { writePage as writeBulkTables } from './bulk/page.ts';
import { writePage as writeRotationsTable } from './rotations/page.ts';

writeRotationsTable();
writeBulkTables();
