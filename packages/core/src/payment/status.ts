/** Where the payment stands (design section 2). */
export type PaymentStatus =
  | 'created'
  | 'awaiting_media'
  | 'ready'
  | 'collecting'
  | 'ready_to_confirm'
  | 'processing'
  | 'approved'
  | 'declined'
  | 'unknown'
  | 'failed'
  | 'canceled'
  | 'expired';

export const FIELD_NAMES = [
  'card_number',
  'expiry',
  'cvc',
  'postal_code',
  'bank_routing',
  'bank_account',
] as const;
export type FieldName = (typeof FIELD_NAMES)[number];

export type FieldState = 'empty' | 'collecting' | 'captured' | 'rejected' | 'wiped';

/** Error names of a field, as in Twilio's Pay where they have one. */
export type FieldCode =
  | 'timeout'
  | 'invalid_card_number'
  | 'invalid_card_type'
  | 'invalid_date'
  | 'invalid_security_code'
  | 'invalid_postal_code'
  | 'invalid_bank_routing_number'
  | 'invalid_bank_account_number'
  | 'too_many_attempts'
  | 'duplicate_tones'
  | 'no_tones_heard';

export type MaskStyle = 'silence' | 'flat_tone' | 'comfort_noise';
export type MaskHold = 'per_key' | 'until_idle' | 'whole_field';
export type IntentType = 'charge' | 'authorize' | 'tokenize';
