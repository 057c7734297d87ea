/** What goes wrong with one notice. `lost`: never sent; `duplicate`: sent twice; `late:ms`: sent after other things have happened. */
export type NoticeFault = 'lost' | 'duplicate' | `late:${number}`;

const LATE = /^late:(\d{1,6})$/;

export const isNoticeFault = (value: unknown): value is NoticeFault =>
  value === 'lost' || value === 'duplicate' || (typeof value === 'string' && LATE.test(value));

/** Tries of one notice; a gateway tries for days, a test for seconds. */
const TRIES_MAX = 20;
const RETRY_MS = 100;

/** How a simulated gateway tells of things on its own: posts each notice until it is taken (any 2xx), with the faults of the plan. */
export class NoticeSender {
  #to: string | undefined;
  #faults: NoticeFault[] = [];
  #closed = false;
  readonly #sending = new Set<Promise<void>>();

  constructor(to: string | undefined) {
    this.#to = to;
  }

  /** From now on; notices before it are not kept. */
  sendTo(url: string): void {
    this.#to = url;
  }

  plan(faults: readonly NoticeFault[]): void {
    this.#faults = [...faults];
  }

  /** Signs at the moment of sending: a late notice has a fresh signature. */
  send(make: () => { readonly headers: Readonly<Record<string, string>>; readonly body: string }): void {
    const fault = this.#faults.shift();
    if (fault === 'lost') return;
    const sending = this.#deliver(make, fault);
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }

  /** Until every notice is taken or given up. */
  async idle(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  close(): void {
    this.#closed = true;
  }

  async #deliver(
    make: () => { readonly headers: Readonly<Record<string, string>>; readonly body: string },
    fault: NoticeFault | undefined,
  ): Promise<void> {
    const late = LATE.exec(fault ?? '');
    if (late !== null) await pause(Number(late[1]));
    for (let copies = fault === 'duplicate' ? 2 : 1; copies > 0; copies -= 1)
      for (let tries = 0; tries < TRIES_MAX && !(await this.#post(make())); tries += 1) await pause(RETRY_MS);
  }

  async #post({
    headers,
    body,
  }: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }): Promise<boolean> {
    if (this.#closed || this.#to === undefined) return true;
    try {
      const response = await fetch(this.#to, { method: 'POST', headers: { ...headers }, body });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resume) => {
    setTimeout(resume, ms).unref();
  });
