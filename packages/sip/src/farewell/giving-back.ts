import type { ParsedRequest, ParsedResponse } from '../ingress/parse-result.ts';
import { type Notification, readNotification } from '../refer/notification.ts';
import { referToValue } from '../refer/replaces.ts';
import { answerTo } from './messages.ts';
import { isLeg5, type StoredLeg } from './stored-leg.ts';

/** What is known of a REFER that gives a taken leg 5 back: the customer's side shall take our place on leg 7 (restore c-2). */
export class GivingBack {
  /** Value of Refer-To. */
  readonly referTo: string;
  #cseq: number | undefined;
  #accepted = false;
  #refused: string | undefined;
  /** Final answer to the INVITE that the customer's side sent. */
  #answer: Notification['answer'];
  #leg7Closed = false;

  constructor(referTo: string) {
    this.referTo = referTo;
  }

  sent(cseq: number): void {
    this.#cseq = cseq;
  }

  /** To our REFER. True: nothing comes after it. */
  answered({ status, reason }: ParsedResponse): boolean {
    if (status < 200) return false;
    if (status < 300) this.#accepted = true;
    // A challenge too: we have no password to answer it with.
    else this.#refused = `${status} ${reason}`;
    return status >= 300;
  }

  /** True: nothing comes after it. */
  notified({ referCSeq, answer, terminated }: Notification): boolean {
    // The dead process may have asked as well. That it got what it wanted is as good; that it did not is no news of ours.
    const ours = referCSeq === undefined || referCSeq === this.#cseq;
    const joined = answer !== undefined && answer.status >= 200 && answer.status < 300;
    if (!ours && !joined) return false;
    if (answer !== undefined && answer.status >= 200) this.#answer ??= answer;
    return terminated || this.#answer !== undefined;
  }

  /** By the platform: somebody took our place there, or the agent hung up. */
  leg7Closed(): void {
    this.#leg7Closed = true;
  }

  /** RFC 3891 §3: the dialog that was replaced is ended by BYE, which may be all that we are told. */
  get succeeded(): boolean {
    return this.#answer === undefined ? this.#accepted && this.#leg7Closed : this.#answer.status < 300;
  }

  /** In an engineer's words, where it did not succeed. */
  get why(): string {
    if (this.#answer !== undefined) return `NOTIFY: ${this.#answer.status} ${this.#answer.reason}`;
    if (this.#refused !== undefined) return `refused: ${this.#refused}`;
    return this.#accepted ? 'no final NOTIFY' : 'no answer';
  }
}

/** Undefined: it is not a leg that we took, or there is nobody on leg 7 to give the customer to. */
export function givingBackOf(leg: StoredLeg, legs: readonly StoredLeg[]): GivingBack | undefined {
  const { label } = leg;
  if (label?.giveBackTo === undefined) return undefined;
  const leg7 = legs.find(
    (other) => !isLeg5(other) && other.label?.call === label.call && other.state !== 'unanswered',
  );
  if (leg7 === undefined) return undefined;
  // As the platform sees D7: its tag is our remote one.
  const replaces = { callId: leg7.callId, localTag: leg7.remoteTag, remoteTag: leg7.localTag };
  try {
    return new GivingBack(referToValue(label.giveBackTo, replaces));
  } catch {
    // A Call-ID or tag that is none: no REFER can name it.
    return undefined;
  }
}

const PHRASES: Readonly<Record<number, string>> = { 415: 'Unsupported Media Type', 489: 'Bad Event' };

/** What a NOTIFY is answered with, and its news where it can be read. */
export function readNotify(request: ParsedRequest): {
  readonly answer: string;
  readonly news: Notification | undefined;
} {
  const value = (name: string): string | undefined =>
    request.headers.find((header) => header.name === name)?.value;
  const read = readNotification({ ...request, value });
  if (read.ok) return { answer: answerTo(request, '200 OK'), news: read.value };
  const { status, reason = PHRASES[status], lines } = read.problem;
  return { answer: answerTo(request, `${status} ${reason}`, lines), news: undefined };
}
