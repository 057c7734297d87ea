export type { AuditCheckpoint, AuditEntry, AuditFact } from './audit/entry.ts';
export type { AuditQuery } from './audit/list.ts';
export { readPublicKey } from './audit/signing-key.ts';
export { type AuditTrail, openAuditTrail } from './audit/trail.ts';
export { type AuditVerdict, type KnownCheckpoint, verifyAudit } from './audit/verify.ts';
export { type Finding, type FindingEncoding, findCardNumbers } from './cards/find.ts';
export { MASK, type Masked, maskCards, maskJsonLine } from './cards/mask.ts';
export { maskCardsIn } from './cards/mask-value.ts';
export {
  type CardSafeLog,
  createLog,
  LOG_TEXT_CHARACTERS_MAX,
  type LogLevel,
  type LogOptions,
  type LogSink,
} from './log/log.ts';
export { scrubSecrets } from './log/scrub-secrets.ts';
export { scrubSip } from './sip/scrub-sip.ts';
