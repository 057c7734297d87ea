import { Agent, type IncomingMessage, request as openRequest } from 'node:http';

interface StreamEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** As lean as a load can be: the client's own time is in every figure, also in the baseline. */
export class HttpClient implements Disposable {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, apiKey: string) {
    this.#url = url;
    this.#headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
  }

  /** Rejects unless it is answered 2xx. */
  async call<Answer>(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    idempotencyKey?: string,
  ): Promise<Answer> {
    const response = await this.#open(method, path, body, idempotencyKey);
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    if (response.statusCode === undefined || response.statusCode > 299)
      throw new Error(`${method} ${path}: HTTP ${response.statusCode} ${text}`);
    return JSON.parse(text) as Answer;
  }

  async stream(path: string): Promise<EventStream> {
    return new EventStream(await this.#open('GET', path));
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #open(method: string, path: string, body?: unknown, idempotencyKey?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const key = idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey };
      const request = openRequest(this.#url + path, {
        ...{ method, agent: this.#agent, headers: { ...this.#headers, ...key } },
      });
      request.on('response', resolve).on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** Events of one session as they come, and when each came. */
export class EventStream implements Disposable {
  readonly #response: IncomingMessage;
  readonly #came: (StreamEvent & { readonly atMs: number })[] = [];
  #awake: () => void = () => {};
  #ended = false;

  constructor(response: IncomingMessage) {
    this.#response = response;
    let pending = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const atMs = performance.now();
      const lines = (pending + chunk).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines)
        if (line.startsWith('data:'))
          this.#came.push({ ...(JSON.parse(line.slice(5)) as StreamEvent), atMs });
      this.#awake();
    });
    response.on('close', () => {
      this.#ended = true;
      this.#awake();
    });
  }

  /** When the next event of this kind came; what came before it is done with. */
  async until(type: string): Promise<number> {
    for (;;) {
      const event = this.#came.shift();
      if (event?.type === type) return event.atMs;
      if (event !== undefined) continue;
      if (this.#ended) throw new Error(`the stream ended before ${type}`);
      await new Promise<void>((resolve) => {
        this.#awake = resolve;
      });
    }
  }

  [Symbol.dispose](): void {
    this.#response.destroy();
  }
}
