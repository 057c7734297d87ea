import {
  type ConnectorId,
  type CreateSessionBody,
  type FieldName,
  type IntentType,
  type MaskHold,
  type MaskStyle,
  ok,
  type Result,
  type StartMethod,
} from '@sordino/core';
import { containsCardNumber } from '../card/find-in-text.ts';
import type { ServiceContext } from './context.ts';
import { wrongFields } from './create-fields.ts';
import { isCurrency } from './currencies.ts';
import {
  AMOUNT_MAX,
  METADATA_KEY_CHARACTERS_MAX,
  METADATA_KEYS_MAX,
  METADATA_VALUE_CHARACTERS_MAX,
  START_TIMEOUT_MAX_MS,
  START_TIMEOUT_MIN_MS,
  TEXT_CHARACTERS_MAX,
} from './limits.ts';
import { badParam } from './problems.ts';
import type { SessionRecord } from './record.ts';
import type { Caller, ServiceProblem } from './service.ts';

/** A create request with everything filled in and checked. */
export interface CreateInput {
  readonly call: CreateSessionBody['call'];
  readonly start: StartMethod;
  readonly timeoutMs: number;
  readonly intent: SessionRecord['intent'];
  readonly connector: ConnectorId;
  readonly fields: readonly FieldName[];
  readonly mask: SessionRecord['mask'];
  readonly agent: SessionRecord['agent'];
  readonly metadata: SessionRecord['metadata'];
}

const START_METHODS: readonly StartMethod[] = ['await_invite', 'refer'];
const INTENT_TYPES: readonly IntentType[] = ['charge', 'authorize', 'tokenize'];
const MASK_STYLES: readonly MaskStyle[] = ['silence', 'flat_tone', 'comfort_noise'];
const MASK_HOLDS: readonly MaskHold[] = ['per_key', 'until_idle', 'whole_field'];

type Problem = ReturnType<typeof badParam>;

/** The first thing that is wrong, named by its path in the request; or the request made whole. */
export function readCreateInput(
  context: ServiceContext,
  { livemode }: Caller,
  body: CreateSessionBody,
): Result<CreateInput, ServiceProblem> {
  const { defaults } = context;
  const connector = readConnector(context, livemode, body.connector);
  if (typeof connector !== 'string') return connector;
  const fields = body.fields ?? defaults.fields;
  const mask = {
    style: body.mask?.style ?? defaults.mask.style,
    hold: body.mask?.hold ?? defaults.mask.hold,
  };
  const timeoutMs = body.start?.timeout_ms ?? defaults.startTimeoutMs;
  const wrong =
    wrongCall(body.call) ??
    wrongStart(body, timeoutMs) ??
    wrongIntent(body.intent) ??
    beyondConnector(context, connector, body.intent.type) ??
    wrongFields(fields, body.intent, context.deps.gateways.get(connector)?.capabilities) ??
    wrongMask(mask) ??
    wrongText('agent.id', body.agent?.id) ??
    wrongMetadata(body.metadata ?? {});
  if (wrong) return wrong;
  return ok({
    call: body.call,
    start: body.start?.method ?? 'await_invite',
    timeoutMs,
    intent: { ...body.intent, reference: body.intent.reference ?? null },
    connector,
    fields,
    mask,
    agent: body.agent ?? null,
    metadata: body.metadata ?? {},
  });
}

function readConnector(
  { deps, defaults }: ServiceContext,
  livemode: boolean,
  name: string | undefined,
): ConnectorId | Problem {
  const ofMode = [...deps.gateways].filter(([, gateway]) => gateway.livemode === livemode).map(([id]) => id);
  const byDefault = ofMode.find((id) => id === defaults.connector) ?? ofMode[0];
  const connector = (name as ConnectorId | undefined) ?? byDefault;
  if (connector === undefined) return badParam('connector', 'connector_of_other_mode', noneOfMode(livemode));
  if (!deps.gateways.has(connector))
    return badParam(
      'connector',
      'unknown_connector',
      'no connector has this id: use one of the configuration, or leave it out for the first',
    );
  if (!ofMode.includes(connector))
    return badParam('connector', 'connector_of_other_mode', noneOfMode(livemode));
  return connector;
}

/** Test money and real money never mix. */
const noneOfMode = (livemode: boolean): string =>
  livemode
    ? 'this is a live key and the connector takes test cards only: use a connector with livemode: true'
    : 'this is a test key and the connector moves money: use a connector with livemode: false';

/** Before the customer has keyed anything. */
function beyondConnector(
  { deps }: ServiceContext,
  connector: ConnectorId,
  type: IntentType,
): Problem | undefined {
  const can = deps.gateways.get(connector)?.capabilities;
  if (type === 'charge' || can?.[type] === true) return undefined;
  return badParam(
    'intent.type',
    'unsupported_by_connector',
    `this connector cannot ${type}: use another, or another intent.type`,
  );
}

function wrongCall(call: CreateSessionBody['call']): Problem | undefined {
  if (call.call_id.length === 0)
    return badParam('call.call_id', 'parameter_missing', 'call.call_id must not be empty');
  return (
    tooLong('call.call_id', call.call_id) ??
    tooLong('call.platform', call.platform) ??
    tooLong('call.ani', call.ani) ??
    wrongText('call.return_uri', call.return_uri)
  );
}

function wrongStart(body: CreateSessionBody, timeoutMs: number): Problem | undefined {
  if (body.mode !== undefined && body.mode !== 'agent_assisted')
    return badParam('mode', 'unsupported_value', 'mode must be agent_assisted');
  if (body.start?.method !== undefined && !START_METHODS.includes(body.start.method))
    return badParam(
      'start.method',
      'unsupported_value',
      `start.method must be one of ${START_METHODS.join(', ')}`,
    );
  if (!isIntegerIn(timeoutMs, START_TIMEOUT_MIN_MS, START_TIMEOUT_MAX_MS))
    return badParam(
      'start.timeout_ms',
      'out_of_range',
      `start.timeout_ms must be a whole number from ${START_TIMEOUT_MIN_MS} to ${START_TIMEOUT_MAX_MS}`,
    );
  return undefined;
}

function wrongIntent({
  type,
  amount,
  currency,
  reference,
}: CreateSessionBody['intent']): Problem | undefined {
  if (!INTENT_TYPES.includes(type))
    return badParam(
      'intent.type',
      'unsupported_value',
      `intent.type must be one of ${INTENT_TYPES.join(', ')}`,
    );
  const least = type === 'tokenize' ? 0 : 1;
  if (!isIntegerIn(amount, least, AMOUNT_MAX))
    return badParam(
      'intent.amount',
      'amount_out_of_range',
      `intent.amount is in minor units (4999 is 49.99): a whole number from ${least} to ${AMOUNT_MAX}`,
    );
  if (!isCurrency(currency))
    return badParam(
      'intent.currency',
      'unknown_currency',
      'intent.currency must be an ISO 4217 code in lower case, such as gbp',
    );
  return wrongText('intent.reference', reference);
}

function wrongMask({ style, hold }: CreateInput['mask']): Problem | undefined {
  if (!MASK_STYLES.includes(style))
    return badParam('mask.style', 'unsupported_value', `mask.style must be one of ${MASK_STYLES.join(', ')}`);
  if (!MASK_HOLDS.includes(hold))
    return badParam('mask.hold', 'unsupported_value', `mask.hold must be one of ${MASK_HOLDS.join(', ')}`);
  return undefined;
}

function wrongMetadata(metadata: Readonly<Record<string, string>>): Problem | undefined {
  const entries = Object.entries(metadata);
  if (entries.length > METADATA_KEYS_MAX)
    return badParam('metadata', 'too_many_keys', `metadata takes at most ${METADATA_KEYS_MAX} keys`);
  for (const [key, value] of entries) {
    if (key.length > METADATA_KEY_CHARACTERS_MAX)
      return badParam(
        'metadata',
        'too_long',
        `a metadata key has at most ${METADATA_KEY_CHARACTERS_MAX} characters`,
      );
    if (typeof value !== 'string' || value.length > METADATA_VALUE_CHARACTERS_MAX)
      return badParam(
        `metadata.${key}`,
        'too_long',
        `a metadata value is text of at most ${METADATA_VALUE_CHARACTERS_MAX} characters`,
      );
    if (containsCardNumber(key)) return cardData('metadata');
    if (containsCardNumber(value)) return cardData(`metadata.${key}`);
  }
  return undefined;
}

/** Free text that is kept and shown: it must not carry a card number in by the back door. */
function wrongText(param: string, text: string | undefined): Problem | undefined {
  if (text !== undefined && containsCardNumber(text)) return cardData(param);
  return tooLong(param, text);
}

const tooLong = (param: string, text: string | undefined): Problem | undefined =>
  text !== undefined && text.length > TEXT_CHARACTERS_MAX
    ? badParam(param, 'too_long', `${param} has at most ${TEXT_CHARACTERS_MAX} characters`)
    : undefined;

const cardData = (param: string): Problem =>
  badParam(
    param,
    'card_data_refused',
    `${param} looks like a card number: card data must never be sent here, it is keyed on the phone`,
  );

const isIntegerIn = (value: number, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && value >= min && value <= max;
