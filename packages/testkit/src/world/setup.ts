import type { SpokenCodec } from '../audio/codec.ts';
import type { PhoneAnswers } from '../phone/simulated-phone.ts';
import type { WhenAgentLeaves } from '../platform/platform-call.ts';
import type { SimTls } from '../platform/sim-sip.ts';
import type { Security } from '../rtp/secure-media.ts';
import type { PhoneSetup, PlatformSetup } from './protocol.ts';

export const LOOPBACK = '127.0.0.1';
/** Ofcom keeps these numbers for drama: nobody is called by them. */
const CUSTOMER_NUMBER = '+447700900123';
const AGENT_NUMBER = '1001';

export interface WorldOptions {
  /** Where all sockets are bound. Default 127.0.0.1. */
  readonly host?: string;
  /** Where SIP is bound, when it is not `host`. */
  readonly sipHost?: string;
  /** SRTP between customer, platform and Sordino. */
  readonly srtp?: Security;
  /** What the call is spoken in. Default PCMU. */
  readonly codec?: SpokenCodec;
  readonly customer?: {
    readonly number?: string;
    readonly eventPayloadType?: number | null;
    readonly answers?: PhoneAnswers;
  };
  readonly agent?: { readonly answers?: PhoneAnswers };
  readonly platform?: {
    readonly whenAgentLeaves?: WhenAgentLeaves;
    readonly tls?: SimTls;
    /** Shortest session interval that the platform takes (`Min-SE`), s. Default 90. */
    readonly minSeS?: number;
  };
}

export function customerSetup({
  host = LOOPBACK,
  sipHost,
  codec = 'PCMU',
  customer = {},
  srtp,
}: WorldOptions): PhoneSetup {
  const { number = CUSTOMER_NUMBER, ...rest } = customer;
  return {
    name: 'customer',
    number,
    host,
    sipHost,
    codecs: [codec],
    voice: { seed: 4, kind: 'male' },
    srtp,
    ...rest,
  };
}

export function agentSetup({
  host = LOOPBACK,
  sipHost,
  codec = 'PCMU',
  agent = {},
}: WorldOptions): PhoneSetup {
  return {
    name: 'agent',
    number: AGENT_NUMBER,
    host,
    sipHost,
    codecs: [codec],
    voice: { seed: 7, kind: 'female' },
    ...agent,
  };
}

export function platformSetup(
  { host = LOOPBACK, sipHost, codec = 'PCMU', platform = {}, srtp }: WorldOptions,
  agentUri: string,
): PlatformSetup {
  return { host, sipHost, agentUri, codecs: [codec], srtp, ...platform };
}
