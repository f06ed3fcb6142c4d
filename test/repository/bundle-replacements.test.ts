import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LEFT_OUT } from '../../build/left-out.ts';
import { ChannelzTrace } from '../../build/replacements/channelz.ts';
import { leftOut } from '../../build/replacements/left-out.ts';
import { ClientTelemetryManager } from '../../build/replacements/telemetry.ts';
import { PROJECT } from '../../local/project.ts';

const requireModule = createRequire(import.meta.url);
const SDK = join(PROJECT, 'node_modules/@zilliz/milvus2-sdk-node/dist/milvus');
// The modules of the SDK import each other, so its index comes first.
requireModule(SDK);

const REPLACED = LEFT_OUT.flatMap(({ folder, modules, replacement }) =>
  replacement === undefined ? [] : modules.map((name) => ({ module: `${folder}/${name}`, replacement })),
);

describe('a module that is left out', () => {
  it('throws a sentence with its name when something uses it', () => {
    const module = leftOut('winston/index.js', { format: 'json' }) as (() => void) & Record<string, unknown>;
    expect(module['format']).toBe('json');
    expect(() => module['createLogger']).toThrow(
      'The bundle of the function does not contain winston/index.js, but something reads createLogger of it. Remove the module from build/left-out.ts.',
    );
    expect(module).toThrow('does not contain winston/index.js, but something calls it');
  });

  it('may be awaited and imported by a loader of modules', async () => {
    await expect(Promise.resolve(leftOut('dayjs'))).resolves.toBeTypeOf('function');
    expect(Reflect.get(leftOut('dayjs'), '__esModule')).toBeUndefined();
  });
});

/** The public methods, sorted. */
function methodsOf({ prototype }: { readonly prototype: object }): string[] {
  return Object.getOwnPropertyNames(prototype)
    .filter((name) => name !== 'constructor')
    .sort();
}

describe('the module that takes the place of another', () => {
  it.each(REPLACED)('exports names that $module exports', async ({ module, replacement }) => {
    // Node cannot load the ES modules of the AWS SDK by path. Their package has the same exports.
    const original = requireModule(module.replace(/\/dist-es\/(?:index\.js|submodules(\/\w+)\/.+)$/, '$1')) as object;
    const names = Object.keys((await import(join(PROJECT, 'build/replacements', replacement))) as object);
    const missing = names.filter((name) => !(name in original));
    // One replacement stands for all sources of credentials.
    const allowed = module.startsWith('@aws-sdk/credential-provider-') ? names.length - 1 : 0;
    expect(
      missing.length,
      `An update removed ${missing.join()} from ${module}. Compare build/replacements/${replacement} with it.`,
    ).toBeLessThanOrEqual(allowed);
  });

  it('has the methods that the SDK calls on its telemetry', () => {
    const sources = ['grpc/GrpcClient.js', 'utils/Function.js'].map((file) => readFileSync(join(SDK, file), 'utf8'));
    const calls = sources.join('').matchAll(/\btelemetry(?: === void 0 \? void 0 : telemetry)?\.(\w+)\(/g);
    const called = new Set([...calls].map(([, method]) => method));
    expect([...called].sort()).toEqual(methodsOf(ClientTelemetryManager));
  });

  it('has the methods with which grpc-js counts, but not those that read the counts', () => {
    const original = requireModule(join(PROJECT, 'node_modules/@grpc/grpc-js/build/src/channelz.js')) as Record<
      'ChannelzTrace' | 'ChannelzChildrenTracker' | 'ChannelzCallTracker',
      { readonly prototype: object }
    >;
    const counting = [original.ChannelzTrace, original.ChannelzChildrenTracker, original.ChannelzCallTracker]
      .flatMap(methodsOf)
      .filter((method) => !method.startsWith('get'));
    expect(counting.sort()).toEqual(methodsOf(ChannelzTrace));
  });
});
