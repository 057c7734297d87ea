import type { Media, OpenedCall, RelayTroubles } from './relay-under-test.ts';

/** Between the benchmark (parent) and Sordino's relay (child), over the IPC channel of `fork`. */
export type RelayRequest =
  | {
      readonly type: 'open';
      readonly customerPort: number;
      readonly cleanPort: number;
      readonly media: Media;
    }
  | { readonly type: 'troubles' };

export type RelayAnswer =
  | { readonly type: 'started' }
  | { readonly type: 'opened'; readonly call: OpenedCall }
  | { readonly type: 'troubles'; readonly troubles: RelayTroubles }
  | { readonly type: 'failed'; readonly problem: string };
