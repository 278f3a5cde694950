/** Secrets and keys, for an application: where secrets come from, columns that are encrypted, and how keys are replaced. */
export { generateKey, parseKeyring, type KeyRing } from '../crypto/keyring.ts'
export { isSecret, reveal, Secret } from '../crypto/secret.ts'
export { openEnvelope, sealEnvelope, type KeyWrapper } from './envelope.ts'
export {
  blindIndex,
  fieldCipher,
  type BlindIndex,
  type BlindIndexOptions,
  type FieldCipher,
  type OpenedField,
} from './field-cipher.ts'
export {
  fieldColumn,
  reencrypt,
  sealedBy,
  type Progress,
  type Reencrypted,
  type ReencryptSetting,
  type SealedColumn,
} from './reencrypt.ts'
export { fileSecrets, readSecretsFile, type SecretsFile } from './secrets-file.ts'
export { environmentSecrets, firstOf, mountedSecrets, needSecret, SecretsError, type SecretSource } from './source.ts'
export { repeatedSecret, secretWeakness } from './strength.ts'
export { vaultSecrets, type VaultAuth, type VaultOptions } from './vault.ts'
