import { createHash, createHmac, randomBytes } from 'node:crypto';
import type {
  CallFailureObject,
  ConnectorId,
  CreateSessionBody,
  EventEnvelope,
  FieldName,
  KeyTransport,
  Log,
  LogFields,
  SessionId,
  SessionObject,
} from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import type { FollowUpKind } from '../gateways/gateway.ts';
import type { CallEvent } from '../ports/call-control.ts';
import { createSessionService } from '../session/create-service.ts';
import type { SessionDefaults, SessionServiceDeps } from '../session/deps.ts';
import type { Caller, Finding, SessionService, UnknownOverride } from '../session/service.ts';
import type { CardTestingAlarm } from '../velocity/velocity.ts';
import { InMemoryStore } from './in-memory-store.ts';
import { sealKey } from './key-sealer.ts';
import { ScriptedCalls } from './scripted-calls.ts';
import { ScriptedGateway } from './scripted-gateway.ts';
import { makeSessionKey } from './session-key.ts';

/** 2026-11-22 08:00 UTC. */
const SCENE_STARTS_MS = 1_795_334_400_000;
export const CONNECTOR = 'con_sandbox' as ConnectorId;
const LIVE_CONNECTOR = 'con_live' as ConnectorId;
export const CALLER: Caller = { tenant: 'ten_a', livemode: false };

export const aCreateBody = (more: Partial<CreateSessionBody> = {}): CreateSessionBody => ({
  call: { platform: 'plt_main', call_id: 'e-91' },
  intent: { type: 'charge', amount: 4999, currency: 'gbp', reference: 'INV-7' },
  ...more,
});

const KEYPAD = '0123456789*#ABCD';

export const ANOTHER_CARD = [
  ['card_number', '5555555555554444'],
  ['expiry', '0131'],
  ['cvc', '999'],
] as const;

/** Everything around one service, with time standing still. */
export class World {
  readonly clock = new FakeScheduler(SCENE_STARTS_MS);
  readonly store: InMemoryStore;
  readonly calls = new ScriptedCalls();
  readonly gateway = new ScriptedGateway();
  /** For live keys. */
  readonly liveGateway = new ScriptedGateway(true);
  readonly logLines: string[] = [];
  /** Every buffer that was ever handed out for card data. */
  readonly cardBuffers: Uint8Array[] = [];
  readonly service: SessionService;
  readonly alarms: CardTestingAlarm[] = [];
  /** Connectors whose charges may be undone by their key. */
  readonly reverse = new Set<ConnectorId>();

  constructor(
    defaults: Partial<SessionDefaults> = {},
    store = new InMemoryStore(),
    more: Pick<SessionServiceDeps, 'mayCapture'> = {},
  ) {
    this.store = store;
    const line = (level: string) => (message: string, fields?: LogFields) => {
      this.logLines.push(JSON.stringify({ level, message, ...fields }));
    };
    const log: Log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
    this.service = createSessionService({
      store: this.store,
      calls: this.calls,
      gateways: new Map([
        [CONNECTOR, this.gateway],
        [LIVE_CONNECTOR, this.liveGateway],
      ]),
      scheduler: this.clock,
      random: (count) => new Uint8Array(randomBytes(count)),
      makeSessionKey,
      tagCard: (scope, number) => createHmac('sha256', 'of this test').update(scope).update(number).digest(),
      sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
      reverseOnUnknown: this.reverse,
      log,
      defaults,
      cardTesting: (alarm) => this.alarms.push(alarm),
      cardMemory: (byteCount) => {
        const buffer = new Uint8Array(byteCount);
        this.cardBuffers.push(buffer);
        return buffer;
      },
      ...more,
    });
  }

  tell(event: CallEvent): Promise<void> {
    this.service.onCallEvent(event);
    return this.settled();
  }

  /** Lets everything that is under way finish, decryption and stores included. */
  async settled(): Promise<void> {
    // Web Crypto answers from a thread pool, so a turn of the event loop is not enough for a known number of them; the
    // service's own reads show when nothing changes any more.
    let before = '';
    for (let quiet = 0; quiet < 3; ) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = `${this.store.changes.length}/${this.clock.pending}/${this.gateway.asked}`;
      quiet = now === before ? quiet + 1 : 0;
      before = now;
    }
  }

  advance(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms, () => this.settled());
  }
}

/** One session and the three people around it. */
export class Scene {
  readonly world: World;
  readonly id: SessionId;
  readonly created: SessionObject;
  readonly heard: EventEnvelope[] = [];
  readonly #sealTo: Uint8Array;
  #nextSeq = 0;

  constructor(world: World, created: SessionObject) {
    this.world = world;
    this.id = created.id;
    this.created = created;
    const expected = world.calls.expected.get(created.id);
    if (expected === undefined) throw new Error('the call side was not told of the session');
    this.#sealTo = expected.sealTo;
    world.service.subscribe(created.id, (event) => this.heard.push(event));
  }

  get sealTo(): Uint8Array {
    return this.#sealTo;
  }

  get session(): SessionObject {
    const read = this.world.service.read(CALLER, this.id);
    if (!read.ok) throw new Error(read.problem.message);
    return read.value;
  }

  field(name: FieldName) {
    const found = this.session.fields.find((field) => field.name === name);
    if (found === undefined) throw new Error(`no field ${name}`);
    return found;
  }

  /** Types of the events since the session began, without the per-key ones. */
  get story(): string[] {
    return this.events.filter(({ type }) => type !== 'field.progress').map(({ type }) => type);
  }

  get events(): readonly EventEnvelope[] {
    return this.world.store.events(this.id, 0, 1_000);
  }

  last(type: EventEnvelope['type']): EventEnvelope {
    const found = this.events.filter((event) => event.type === type).at(-1);
    if (found === undefined) throw new Error(`no ${type} among ${this.story.join(', ')}`);
    return found;
  }

  readonly customer = {
    /** Presses the keys as written, spaces left out, and waits until each has been taken. */
    press: async (keys: string): Promise<void> => {
      for (const key of keys.replaceAll(' ', '')) {
        const code = KEYPAD.indexOf(key);
        if (code < 0) throw new Error(`a phone has no key ${key}`);
        this.world.service.onCallEvent({
          type: 'key',
          session: this.id,
          key: await sealKey(this.#sealTo, this.id, this.#nextSeq++, code),
        });
      }
      await this.#keysTaken();
    },
    /** One key, reported once for each time and transport that is named. */
    reported: async (key: string, ...times: readonly (readonly [KeyTransport, number])[]): Promise<void> => {
      for (const [transport, atMs] of times)
        this.world.service.onCallEvent({
          type: 'key',
          session: this.id,
          key: await sealKey(this.#sealTo, this.id, this.#nextSeq++, KEYPAD.indexOf(key), transport, atMs),
        });
      await this.#keysTaken();
    },
    /** Presses and goes on talking until the field can only be over. */
    key: async (keys: string): Promise<void> => {
      await this.customer.press(keys);
      await this.world.advance(2_000);
    },
  };

  /** After a decline of the first one. */
  async keyAnotherCard(): Promise<void> {
    for (const [field, keys] of ANOTHER_CARD) {
      await this.agent.collects(field);
      await this.customer.press(keys);
    }
  }

  readonly agent = {
    collects: (field: FieldName) => this.world.service.collect(CALLER, this.id, field),
    clears: (field: FieldName, last?: number) => this.world.service.clear(CALLER, this.id, field, last),
    confirms: (override?: UnknownOverride) => this.world.service.confirm(CALLER, this.id, override),
    resolves: (outcome: Finding['outcome'], gatewayId: string | null = null) =>
      this.world.service.resolve(CALLER, this.id, { outcome, gatewayId, note: 'seen in the dashboard' }),
    operates: (kind: FollowUpKind, key: string, amount?: number) =>
      this.world.service.operate(CALLER, this.id, kind, { key, amount }),
    cancels: () => this.world.service.cancel(CALLER, this.id),
    restores: () => this.world.service.restore(CALLER, this.id),
  };

  /** A key that the relay sealed but that never arrived. */
  loseKey(): void {
    this.#nextSeq += 1;
  }

  async becomesReady(): Promise<this> {
    await this.call('engaging');
    await this.call('engaged');
    await this.world.tell({ type: 'ready', session: this.id, lookbackMs: 20 });
    return this;
  }

  call(topology: SessionObject['topology'], reason?: string): Promise<void> {
    return this.world.tell({
      type: 'topology',
      session: this.id,
      topology,
      ...(reason === undefined ? {} : { reason }),
      ...(topology === 'engaged' || topology === 'restored' ? { gapMs: 12 } : {}),
    });
  }

  callFails(
    outcome: 'failed' | 'canceled' | 'expired',
    code: string,
    where: CallFailureObject = { leg: null, sip: null },
  ): Promise<void> {
    return this.world.tell({
      type: 'call_failed',
      session: this.id,
      outcome,
      code,
      callSafe: true,
      ...where,
    });
  }

  /** A verb waits for its turn, and keys were given theirs before it: `clear` of a foreign field is such a verb and changes nothing. */
  async #keysTaken(): Promise<void> {
    const isBank = this.created.fields.some(({ name }) => name === 'bank_account');
    await this.world.service.clear(CALLER, this.id, isBank ? 'cvc' : 'bank_account', 1);
    await this.world.settled();
  }
}

type Stage = 'created' | 'ready' | 'ready_to_confirm' | { readonly collecting: FieldName };

class SceneBuilder {
  #stage: Stage = 'created';
  #body: Partial<CreateSessionBody> = {};
  #world: World | undefined;
  #card = { card_number: '4242 4242 4242 4242', expiry: '1230', cvc: '123', postal_code: '12345#' };

  in(world: World): this {
    this.#world = world;
    return this;
  }

  with(body: Partial<CreateSessionBody>): this {
    this.#body = body;
    return this;
  }

  ready(): this {
    this.#stage = 'ready';
    return this;
  }

  collecting(field: FieldName): this {
    this.#stage = { collecting: field };
    return this;
  }

  /** All fields keyed; the card may be another than 4242. */
  readyToConfirm(card: Partial<Record<'card_number' | 'expiry' | 'cvc', string>> = {}): this {
    this.#card = { ...this.#card, ...card };
    this.#stage = 'ready_to_confirm';
    return this;
  }

  async build(): Promise<Scene> {
    const world = this.#world ?? new World();
    const created = await world.service.create(CALLER, aCreateBody(this.#body));
    if (!created.ok) throw new Error(created.problem.message);
    const scene = new Scene(world, created.value);
    if (this.#stage === 'created') return scene;
    await scene.becomesReady();
    if (this.#stage === 'ready') return scene;
    if (this.#stage === 'ready_to_confirm') await this.#keyAll(scene);
    else await scene.agent.collects(this.#stage.collecting);
    return scene;
  }

  async #keyAll(scene: Scene): Promise<void> {
    for (const { name } of scene.session.fields) {
      await scene.agent.collects(name);
      await scene.customer.key(this.#card[name as 'card_number']);
    }
  }
}

/** `await aPaymentSession().collecting('card_number').build()` */
export const aPaymentSession = (): SceneBuilder => new SceneBuilder();
