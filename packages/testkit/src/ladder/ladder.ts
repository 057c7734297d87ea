import { drawLadder, type Rung } from './layout.ts';
import { summarizeSip } from './sip-summary.ts';

/** One SIP message as it crossed the network, seen once: at the sender or at the receiver, not at both. */
export interface LadderMessage {
  /** On any one clock; only differences are shown. */
  readonly atMs: number;
  /** A column's name, or an address that the address book knows. */
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

export interface LadderOptions {
  /** Column names from left to right. Others who take part are added on the right. */
  readonly columns: readonly string[];
  /** Address book: `host:port` (or `host`) to a column's name. */
  readonly addresses?: Readonly<Record<string, string>>;
}

type Entry =
  | (LadderMessage & {
      readonly kind: 'message';
      readonly label: string;
      readonly callId: string;
      readonly resent: boolean;
    })
  | {
      readonly kind: 'media';
      readonly atMs: number;
      readonly from: string;
      readonly to: string;
      readonly label: string;
    }
  | { readonly kind: 'note'; readonly atMs: number; readonly label: string };

/** Messages of one test call, drawn as a ladder: one column per party, time running down. */
export class Ladder {
  readonly #columns: string[];
  readonly #addresses: Map<string, string>;
  readonly #legs = new Map<string, string>();
  readonly #entries: Entry[] = [];

  constructor(options: LadderOptions) {
    this.#columns = [...options.columns];
    this.#addresses = new Map(Object.entries(options.addresses ?? {}));
  }

  /** Adds to the address book; also tells who messages already taken came from. */
  nameAddress(address: string, column: string): void {
    this.#addresses.set(address, column);
  }

  /** Puts a tag, such as `(5)`, before every message of one Call-ID. */
  tagLeg(callId: string, tag: string): void {
    this.#legs.set(callId, tag);
  }

  message(message: LadderMessage): void {
    const { label, callId } = summarizeSip(message.text);
    const resent = this.#entries.some(
      (entry) =>
        entry.kind === 'message' &&
        entry.text === message.text &&
        entry.from === message.from &&
        entry.to === message.to,
    );
    this.#entries.push({ ...message, kind: 'message', label, callId, resent });
  }

  /** A band of media between two parties, e.g. `RTP PCMU`. */
  media(media: {
    readonly atMs: number;
    readonly from: string;
    readonly to: string;
    readonly label: string;
  }): void {
    this.#entries.push({ kind: 'media', ...media });
  }

  /** A line of words, e.g. `== commit point ==`. */
  note(note: { readonly atMs: number; readonly label: string }): void {
    this.#entries.push({ kind: 'note', ...note });
  }

  /** With seconds since the first line, and since the line before, at the left. Retransmissions are marked. */
  render(): string {
    const entries = this.#inOrder();
    const startMs = entries[0]?.atMs ?? 0;
    return this.#draw(entries, (entry, before) => {
      const sinceMs = entry.atMs - (before?.atMs ?? startMs);
      return `${seconds(entry.atMs - startMs).padStart(8)} ${`+${seconds(sinceMs)}`.padStart(8)} `;
    });
  }

  /** Without times and retransmissions: what stays the same from run to run. */
  shape(): string {
    const entries = this.#inOrder().filter((entry) => entry.kind !== 'message' || !entry.resent);
    return this.#draw(entries, () => '');
  }

  #inOrder(): Entry[] {
    return [...this.#entries].sort((one, other) => one.atMs - other.atMs);
  }

  #draw(entries: readonly Entry[], margin: (entry: Entry, before: Entry | undefined) => string): string {
    const columns = [...this.#columns];
    const columnOf = (party: string): number => {
      const name = this.#nameOf(party);
      if (!columns.includes(name)) columns.push(name);
      return columns.indexOf(name);
    };
    const rungs = entries.map((entry, index): Rung => {
      const common = { margin: margin(entry, entries[index - 1]), label: this.#labelOf(entry) };
      if (entry.kind === 'note') return { kind: 'note', ...common };
      const ends = { from: columnOf(entry.from), to: columnOf(entry.to) };
      return { kind: entry.kind === 'media' ? 'band' : 'arrow', ...common, ...ends };
    });
    return drawLadder(columns, rungs);
  }

  #labelOf(entry: Entry): string {
    if (entry.kind !== 'message') return entry.label;
    const tag = this.#legs.get(entry.callId);
    return [...(tag === undefined ? [] : [tag]), entry.label, ...(entry.resent ? ['(again)'] : [])].join(' ');
  }

  /** By full address, else by host alone, else the name itself. */
  #nameOf(party: string): string {
    return this.#addresses.get(party) ?? this.#addresses.get(party.replace(/:\d+$/, '')) ?? party;
  }
}

/** The same as `ladder.shape()`, for those who collect messages only. */
export function ladderShape(options: LadderOptions, messages: Iterable<LadderMessage>): string {
  const ladder = new Ladder(options);
  for (const message of messages) ladder.message(message);
  return ladder.shape();
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
