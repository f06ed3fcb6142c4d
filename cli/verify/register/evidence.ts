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

/** The commits that set these versions. The quoted lines are the same after each release. */
const MILVUS = {
  '2.4.18': '451deb329817',
  '2.5.27': 'bf8da831eec2',
  '2.6.20': '65db4eaa6e2c',
} as const;

type Version = keyof typeof MILVUS;

/** Read in the source code of Milvus. @param places `VERSION PATH#LLINE`, below `internal` */
export function readInMilvus(...places: ReadonlyArray<`${Version} ${string}#L${number}`>): string {
  const links = places.map((place) => {
    const [version, path] = place.split(' ') as [Version, string];
    return link(`https://github.com/milvus-io/milvus/blob/${MILVUS[version]}/internal/${path}`, `${version} `);
  });
  return `Read in ${links.join(', ')}`;
}

/** Named after the last part of the address. */
function link(url: string, prefix = ''): string {
  const name = url.slice(url.lastIndexOf('/') + 1);
  return `[${prefix}${name.replace('.html', '').replace('#L', ':')}](${url})`;
}
