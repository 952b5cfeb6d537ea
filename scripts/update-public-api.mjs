// Writes the page that test/public-api.spec.ts compares with the code. Run it when a change of the surface is meant.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describePublicApi } from './public-api.mjs';

const root = join(import.meta.dirname, '..');

writeFileSync(join(root, 'docs/reference/public-api.md'), describePublicApi(root));
