import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import { LEFT_OUT } from './left-out.ts';

const MODULES = resolve(import.meta.dirname, '..', 'node_modules');
const REPLACEMENTS = join(import.meta.dirname, 'replacements');

/** Modules of the SDK that re-export other modules, also left-out modules. */
const INDEXES = ['', 'const/', 'utils/'].map((folder) => `@zilliz/milvus2-sdk-node/dist/milvus/${folder}index.js`);

/** Replaces the modules of {@link LEFT_OUT} and reduces some others. */
export const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onLoad }) {
    const replaced = LEFT_OUT.flatMap(({ folder, modules, replacement, exports }) =>
      modules.map(
        (module) => [`${folder}/${module}`, replacement ? `require(${path(replacement)})` : exports] as const,
      ),
    );
    for (const [module, exports] of replaced) {
      onLoad({ filter: pathOf(module) }, () => ({
        contents: `module.exports = ${exportsOf(module, exports)}`,
        resolveDir: REPLACEMENTS,
      }));
    }
    for (const module of INDEXES) {
      onLoad({ filter: pathOf(module) }, (args) => ({
        contents: `${readFileSync(args.path, 'utf8')}\nObject.setPrototypeOf(exports, ${exportsOf(module)});`,
      }));
    }
    // The clients of AWS read only these two fields of their package.json.
    onLoad({ filter: /[\\/]node_modules[\\/].*[\\/]package\.json$/ }, (args) => {
      const { name, version } = JSON.parse(readFileSync(args.path, 'utf8')) as Record<string, unknown>;
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
  },
};

const path = (replacement: string): string => JSON.stringify(join(REPLACEMENTS, replacement));

const exportsOf = (module: string, exports = '{}'): string =>
  `require(${path('left-out.ts')}).leftOut(${JSON.stringify(module)}, ${exports})`;

function pathOf(module: string): RegExp {
  const escaped = join(MODULES, module).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`^${escaped}$`);
}
