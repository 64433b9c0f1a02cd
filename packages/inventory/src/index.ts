export { ANY_KEY_TYPE } from './hosts/change.ts';
export { Fingerprint, HostAddress, LabelName, Port, UserName } from './hosts/validate.ts';
export {
  applyImport,
  type ImportOptions,
  type ImportReview,
  type ImportRow,
  reviewImport,
} from './import/apply.ts';
export { localFiles } from './import/local-files.ts';
export { planOrchestrator } from './import/orchestrator/plan-orchestrator.ts';
export type { ImportFiles, ImportPlan, ImportRemark } from './import/plan.ts';
export { planSshConfig, sshConfigFile } from './import/ssh-config/plan-ssh-config.ts';
export { createInventory, type Inventory, type InventoryOptions, type SaveResult } from './inventory.ts';
export { inventoryPart } from './schema.ts';
export type { HostGuards } from './targets.ts';
export type {
  GroupView,
  HostChange,
  HostEntry,
  HostFilter,
  HostInput,
  SaveOptions,
  SecretField,
} from './types.ts';
export { createCipher, type VaultCipher } from './vault/cipher.ts';
export { openVault, type Vault, type VaultOptions } from './vault/open-vault.ts';
export { createSecrets, type Secrets, type SecretsOptions } from './vault/secrets.ts';
