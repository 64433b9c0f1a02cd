export { ANY_KEY_TYPE } from './hosts/change.ts';
export { Fingerprint, HostAddress, LabelName, Port, UserName } from './hosts/validate.ts';
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
