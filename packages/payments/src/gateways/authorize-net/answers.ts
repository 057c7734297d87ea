import { isObject, plain, readObject } from '../answer.ts';
import type { HttpOutcome } from '../http.ts';
import { LIST_BYTES_MAX } from './limits.ts';

/** Every answer is a 200 with `messages`; the rest depends on what was asked. It may begin with a byte order mark. */
export interface Answer {
  readonly isOk: boolean;
  /** `I…` or `E…` and five digits. */
  readonly code: string | null;
  readonly members: Readonly<Record<string, unknown>>;
}

/** Undefined: no answer of the gateway's. */
export function readAnswer(http: HttpOutcome): Answer | undefined {
  if (http.kind !== 'answered' || http.status !== 200) return undefined;
  const members = readObject(http.body, LIST_BYTES_MAX);
  const messages = members?.messages;
  if (members === undefined || !isObject(messages)) return undefined;
  if (messages.resultCode !== 'Ok' && messages.resultCode !== 'Error') return undefined;
  return { isOk: messages.resultCode === 'Ok', code: plain(firstOf(messages.message)?.code), members };
}

/** Lists of one may come as the one. */
export function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : [];
}

export const firstOf = (value: unknown): Readonly<Record<string, unknown>> | undefined => listOf(value)[0];

/** Codes and ids come as numbers or as texts, from call to call. */
export const codeOf = (value: unknown): string | null =>
  plain(typeof value === 'number' ? String(value) : value);

/** Transaction ids are numbers; `0` stands for none. */
export const transIdOf = (value: unknown): string | null => {
  const id = codeOf(value);
  return id === null || !/^[1-9]\d{0,19}$/.test(id) ? null : id;
};
