import { Ajv2020 } from 'ajv/dist/2020.js';
import { GatewayRefusal } from '../../gateway/protocol.ts';
import { lazySchemas } from '../lazy-schemas.ts';
import { ANSWER, REQUESTS } from './schemas.ts';

export interface CreditCard {
  readonly cardNumber: string;
  readonly expirationDate: string;
  readonly cardCode?: string;
}

export interface TransactionRequest {
  readonly transactionType:
    | 'authOnlyTransaction'
    | 'authCaptureTransaction'
    | 'refundTransaction'
    | 'priorAuthCaptureTransaction'
    | 'voidTransaction';
  readonly amount?: string | number;
  readonly currencyCode?: string;
  readonly payment?: { readonly creditCard: CreditCard };
  readonly refTransId?: string;
  readonly order?: { readonly invoiceNumber?: string; readonly description?: string };
  readonly billTo?: { readonly zip?: string };
  readonly retail?: { readonly marketType: string };
  readonly transactionSettings?: { readonly setting: unknown };
  readonly userFields?: { readonly userField: unknown };
}

/** One call: what was asked, and its members as they came. */
export interface Call {
  readonly root: string;
  readonly refId: string | undefined;
  readonly credentials: { readonly name: string; readonly transactionKey: string };
  readonly members: Readonly<Record<string, unknown>>;
}

const requests = lazySchemas(REQUESTS, () => new Ajv2020({ strict: false }));
const answers = lazySchemas({ ANSWER }, () => new Ajv2020({ strict: false }));

/** Reads a body, or refuses it as the gateway does. Nothing of it is repeated: it holds a card. */
export function readCall(body: string): Call {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new GatewayRefusal(200, 'E00003', 'the body is not JSON');
  }
  const [entry, ...others] = Object.entries((parsed ?? {}) as object) as [string, unknown][];
  const [root, members] = entry ?? ['', undefined];
  const isValid = requests(root);
  if (isValid === undefined || others.length > 0)
    throw new GatewayRefusal(200, 'E00003', 'the body is none of the requests');
  if (!isValid(members)) {
    const [wrong] = isValid.errors ?? [];
    throw new GatewayRefusal(200, 'E00003', `${root}${wrong?.instancePath} ${wrong?.message}`);
  }
  const moved = outOfOrder(members, REQUESTS[root]);
  if (moved !== undefined)
    throw new GatewayRefusal(
      200,
      'E00003',
      `the element '${moved}' stands where it must not: mind the order`,
    );
  const { merchantAuthentication, refId } = members as {
    merchantAuthentication: Call['credentials'];
    refId?: string;
  };
  return { root, refId, credentials: merchantAuthentication, members: members as Call['members'] };
}

/** The simulator keeps to its own description: an answer that does not is a bug here, and must not look like one of ours. */
export function checkedAnswer(answer: object): object {
  if (answers('ANSWER')?.(answer)) return answer;
  throw new Error(`the simulated gateway made an answer that its description does not allow`);
}

/** The XML behind the JSON is a sequence: the first member that comes before one that it must follow. */
function outOfOrder(value: unknown, schema: unknown): string | undefined {
  const { properties, anyOf } = (schema ?? {}) as {
    properties?: Record<string, unknown>;
    anyOf?: [{ items: unknown }];
  };
  if (anyOf !== undefined)
    return (Array.isArray(value) ? value : [value])
      .map((one) => outOfOrder(one, anyOf[0].items))
      .find(Boolean);
  if (properties === undefined || typeof value !== 'object' || value === null) return undefined;
  const order = Object.keys(properties);
  let last = -1;
  for (const [name, member] of Object.entries(value)) {
    const at = order.indexOf(name);
    if (at < last) return name;
    last = at;
    const inside = outOfOrder(member, properties[name]);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
