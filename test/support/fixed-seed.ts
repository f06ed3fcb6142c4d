import fc from 'fast-check';

// Property tests draw the same values in every run. To draw other values:
// `PROPERTY_SEED=7 npx vitest run …`.
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 20_260_101) });
