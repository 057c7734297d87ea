import { isObject } from '../answer.ts';

/** A path as its gateway may name it: of this host, without tricks. */
const PATH = /^\/(?!\/)(?!.*\/\.\.?(?:\/|$))[A-Za-z0-9_\-.~%=+/]{1,2048}$/;

/** What may be done next with a payment: paths by their names without prefix, such as `settle`. */
export type Links = ReadonlyMap<string, string>;

/**
 * Links of an answer (HAL). Of each only the path counts: a link that leads to another host is followed on ours, or not at all, so that no
 * answer can make us send anything elsewhere.
 */
export function linksOf(answer: Record<string, unknown>): Links {
  const links = new Map<string, string>();
  for (const [name, link] of Object.entries(isObject(answer._links) ? answer._links : {})) {
    const href = isObject(link) && typeof link.href === 'string' ? link.href : '';
    const path = href.replace(/^https?:\/\/[^/]*/, '');
    const action = /^(?:cardPayments|payments):(\w+)$/.exec(name)?.[1];
    if (action !== undefined && PATH.test(path)) links.set(action, path);
  }
  return links;
}
