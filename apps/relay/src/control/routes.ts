import { randomUUID } from 'node:crypto';
import type { SessionId } from '@sordino/core';
import type { BridgeSide } from '@sordino/interception';
import type { ThreadedMediaRelay } from '@sordino/relay';
import type { z } from 'zod';
import { HeldBridge } from './held-bridge.ts';
import { collectingShape, descriptionOf, openShape, peerShape } from './shapes.ts';

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What was wrong, where, and with which status it is answered. */
export class ControlError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The control API without HTTP: methods and paths in, answers out. */
export class ControlRoutes {
  readonly #relay: ThreadedMediaRelay;
  readonly #held = new Map<string, HeldBridge>();

  constructor(relay: ThreadedMediaRelay) {
    this.#relay = relay;
  }

  /** Rejects with a `ControlError`. `body`: what JSON was sent, undefined for none. */
  async answer(method: string, url: URL, body: unknown): Promise<ControlAnswer> {
    const [version, noun, id, ...rest] = url.pathname.split('/').slice(1);
    const route = `${method} ${[version, noun, id === undefined ? [] : ':id', ...rest].flat().join('/')}`;
    switch (route) {
      case 'GET v1/stats':
        return { status: 200, body: await this.#relay.stats() };
      case 'POST v1/drain':
        this.#relay.drain();
        return { status: 204, body: undefined };
      case 'POST v1/bridges':
        return this.#open(parsed(openShape, body));
      case 'GET v1/bridges/:id':
        return { status: 200, body: await this.#bridge(id).figures() };
      case 'GET v1/bridges/:id/events':
        return {
          status: 200,
          body: { events: this.#heldBy(id).eventsAfter(Number(url.searchParams.get('after'))) },
        };
      case 'PUT v1/bridges/:id/collecting':
        this.#bridge(id).setCollecting(parsed(collectingShape, body).collecting);
        return { status: 204, body: undefined };
      case 'PUT v1/bridges/:id/peers/customer':
      case 'PUT v1/bridges/:id/peers/clean':
        this.#bridge(id).setPeer(rest[1] as BridgeSide, descriptionOf(parsed(peerShape, body)));
        // Requests are answered in order: when the figures are here, the peer is set.
        return { status: 200, body: await this.#bridge(id).figures() };
      case 'DELETE v1/bridges/:id':
        return this.#close(id);
      default:
        throw new ControlError(
          404,
          'not_found',
          `there is no ${method} ${url.pathname}; see docs/relay-control.md`,
        );
    }
  }

  async #open(request: z.infer<typeof openShape>): Promise<ControlAnswer> {
    const held = new HeldBridge();
    const opened = await this.#relay.open(
      {
        session: request.session as SessionId,
        sealTo: Buffer.from(request.seal_to, 'base64url'),
        mask: request.mask,
        firstKeySeq: request.first_key_seq,
      },
      held,
    );
    if (!opened.ok) throw new ControlError(503, opened.problem, 'the relay takes no bridge now');
    const { value: bridge } = opened;
    held.hold(bridge);
    const id = randomUUID();
    this.#held.set(id, held);
    const { customer, clean, lookbackMs } = bridge;
    return { status: 201, body: { id, customer, clean, lookback_ms: lookbackMs } };
  }

  async #close(id: string | undefined): Promise<ControlAnswer> {
    const bridge = this.#bridge(id);
    this.#held.delete(id ?? '');
    return { status: 200, body: await bridge.close() };
  }

  #heldBy(id: string | undefined): HeldBridge {
    const held = this.#held.get(id ?? '');
    if (held === undefined)
      throw new ControlError(404, 'no_bridge', `there is no bridge ${id}: never opened, or closed`);
    return held;
  }

  #bridge(id: string | undefined): NonNullable<HeldBridge['bridge']> {
    const { bridge } = this.#heldBy(id);
    if (bridge === undefined) throw new ControlError(404, 'no_bridge', `bridge ${id} is not open yet`);
    return bridge;
  }
}

function parsed<Shape extends z.ZodType>(shape: Shape, body: unknown): z.infer<Shape> {
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ControlError(
    400,
    'bad_request',
    `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'is wrong'}`,
  );
}
