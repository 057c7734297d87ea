export { type DialogFile, openDialogFile } from './dialog-file.ts';
export { type FarewellOptions, type FarewellReport, sayFarewell } from './farewell.ts';
export { readDialogFile, type StoredDialogs, settleDialogFile } from './read-dialog-file.ts';
export type { DialogKeeper, StoredChange, StoredEndpoint, StoredLeg } from './stored-leg.ts';
