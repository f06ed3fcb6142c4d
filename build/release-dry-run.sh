#!/usr/bin/env bash
# npm run release:dry-run: does all of a release but its publication, without credentials. The files
# that a release publishes are then in release/ and packed/. Needs the npm registry.
set -euxo pipefail
cd "$(dirname "$0")/.."

node build/release.ts
(cd release && sha256sum --check --quiet SHA256SUMS)
.local/tests/bin/twine check --strict release/*.whl release/*.tar.gz

rm -rf packed
mkdir packed
npm pack --workspaces --pack-destination packed
for tarball in packed/*.tgz; do
  npm publish --dry-run "./$tarball"
done

# The constructs of the previous commit, from which the tests of upgrades start.
temporary=$(mktemp --directory)
git worktree add --quiet --detach "$temporary/project" HEAD^
trap 'git worktree remove --force "$temporary/project"; rm -r "$temporary"' EXIT
(cd "$temporary/project" && npm pack --workspace packages/constructs --pack-destination "$temporary")
UPGRADE_FROM=$(echo "$temporary"/*.tgz) vitest run --project servers test/e2e/upgrade.test.ts test/e2e/fleet-upgrade.test.ts
echo 'The dry run has passed. release/ and packed/ have what a release publishes.'
