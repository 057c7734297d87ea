import type { FieldName, FieldObject } from '@sordino/core';

/** The field objects of a record, changed by value. */
export type Fields = readonly FieldObject[];

export const emptyField = (name: FieldName): FieldObject => ({
  name,
  state: 'empty',
  length: 0,
  code: null,
  attempts: 0,
  brand: null,
  last4: null,
});

export const fieldNamed = (fields: Fields, name: FieldName): FieldObject | undefined =>
  fields.find((field) => field.name === name);

export const withField = (fields: Fields, name: FieldName, patch: Partial<FieldObject>): Fields =>
  fields.map((field) => (field.name === name ? { ...field, ...patch } : field));

export const allCaptured = (fields: Fields): boolean => fields.every(({ state }) => state === 'captured');

/** After the digits are gone: what was keyed is said to be wiped, brand and last four stay readable. */
export const wipedFields = (fields: Fields): Fields =>
  fields.map((field) => (field.state === 'empty' ? field : { ...field, state: 'wiped', length: 0 }));

export const resetFields = (fields: Fields): Fields => fields.map(({ name }) => emptyField(name));
