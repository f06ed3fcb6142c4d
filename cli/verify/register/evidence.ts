export const GUIDE = 'https://docs.aws.amazon.com/secretsmanager/latest/userguide/';
export const API = 'https://docs.aws.amazon.com/secretsmanager/latest/apireference/';
export const ZILLIZ = 'https://docs.zilliz.com/';

/** No documentation, source code or real server shows it. */
export const ASSUMED = 'Assumed';

/** Tests of this project see it on a real server. */
export const SEEN = 'Seen on Milvus 2.3.5';

/** The documentation of the service says so. */
export function documented(...urls: readonly string[]): string {
  return `Documented: ${urls.map((url) => link(url)).join(', ')}`;
}

/** Read in the source code of a Terraform provider, which uses the service. */
export function readInTerraform(url: string): string {
  return `Read in ${link(url, 'Terraform ')}`;
}

type Version = '2.4.18' | '2.5.27' | '2.6.20';

/** The commits that set these versions. The quoted lines are the same after each release. */
const COMMITS: Readonly<Record<string, string>> = {
  '2.4.18': '451deb329817',
  '2.5.27': 'bf8da831eec2',
  '2.6.20': '65db4eaa6e2c',
};

/** Read in the source code of Milvus. @param files below `internal`: a line of each version */
export function readInMilvus(files: Readonly<Record<string, Readonly<Partial<Record<Version, number>>>>>): string {
  const links = Object.entries(files).flatMap(([path, lines]) =>
    Object.entries(lines).map(([version, line]) => {
      const url = `https://github.com/milvus-io/milvus/blob/${COMMITS[version]}/internal/${path}#L${line}`;
      return link(url, `${version} `);
    }),
  );
  return `Read in ${links.join(', ')}`;
}

/** Named after the last part of the address. */
function link(url: string, prefix = ''): string {
  const name = url.slice(url.lastIndexOf('/') + 1);
  return `[${prefix}${name.replace('.html', '').replace('#L', ':')}](${url})`;
}
