import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';
import { type ScriptKey, ScriptStatement, type SignedStatement } from '../../sentinel/protocol/messages.ts';

/**
 * The statement as text and its Ed25519 signature over exactly that text's bytes. Throws when the statement is not of the
 * protocol's form, or names another key than the one that signs: no sentinel would take either.
 */
export function sign(statement: ScriptStatement, privateKey: KeyObject): SignedStatement {
  const checked = ScriptStatement.parse(statement);
  const { id } = publicPartOf(privateKey);
  if (checked.keyId !== id) {
    throw new Error(
      `The statement of ${checked.script} names the key ${checked.keyId}, but is being signed with ${id}.`,
    );
  }
  const text = JSON.stringify(checked);
  return { statement: text, signature: signBytes(null, Buffer.from(text), privateKey).toString('base64') };
}

/** A new key to sign scripts with. The private half is PKCS #8 PEM: keep it in a file that its owner alone can read. */
export function newScriptKey(): ScriptKey & { privateKeyPem: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { ...publicPartOf(privateKey), privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

/** What sentinels are told of a signing key. Throws when the text is not an Ed25519 private key. */
export function scriptKeyOf(privateKeyPem: string): ScriptKey {
  return publicPartOf(createPrivateKey(privateKeyPem));
}

/** The id is the first 16 hexadecimal digits of the SHA-256 of the public key (SPKI), so it can't be chosen. */
function publicPartOf(privateKey: KeyObject): ScriptKey {
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new Error(
      `Scripts are signed with Ed25519 keys; this key is ${privateKey.asymmetricKeyType ?? 'not a key pair'}.`,
    );
  }
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { id: createHash('sha256').update(spki).digest('hex').slice(0, 16), publicKey: spki.toString('base64') };
}
