import type { ListObject } from '@sordino/core';
import type { Request } from 'express';

const PAGE_DEFAULT = 20;

/** One page of what fits into memory anyway, in its order. A cursor that is none of them gives an empty page, so that it tells nothing. */
export function pageOf<Item extends { readonly id: string }>(
  all: readonly Item[],
  request: Request,
): ListObject<Item> {
  const { starting_after: after } = request.query as { readonly starting_after?: string };
  const limit = limitOf(request);
  const place = after === undefined ? -1 : all.findIndex(({ id }) => id === after);
  const rest = after !== undefined && place < 0 ? [] : all.slice(place + 1);
  return { object: 'list', data: rest.slice(0, limit), has_more: rest.length > limit };
}

/** The validator has seen that it is a number in its bounds. */
export function limitOf(request: Request): number {
  return request.query.limit === undefined ? PAGE_DEFAULT : Number(request.query.limit);
}
