// The entry of the package imports this module first. Without it, an older Node would fail at a
// missing function during a call.
const { node } = process.versions;
const [major = 0, minor = 0] = node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  throw new Error(`This is Node ${node}. zilliz-secret-client needs Node 22.13 or later.`);
}

export {};
