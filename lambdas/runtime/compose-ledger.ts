import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { Table } from '../../adapters/aws/dynamodb/table';
import { DynamoEvidenceStore } from '../../adapters/aws/evidence-store';
import { dynamoLedgerIndex } from '../../adapters/aws/ledger-index';
import { DynamoPolicyArchive } from '../../adapters/aws/policy-archive';
import { forQuery } from '../../adapters/aws/registry/by-function';
import { S3SealedStore } from '../../adapters/aws/sealed-store';
import { KmsSigner } from '../../adapters/aws/signer';
import { dynamoWitnessMemory } from '../../adapters/aws/witness-memory';
import { spillIn } from '../../core/evidence/spill';
import { pinnedKey } from '../../core/ledger/signed';
import type { QueryDeps } from '../api/query';
import type { SealDeps } from '../steps/seal/deps';
import type { WitnessDeps } from '../steps/witness/run';
import { base } from './compose';
import { environment } from './environment';
import { clientOf } from './sdk';
import { text, variables } from './variables';

// The functions that seal what others wrote, answer from it, and watch it.

/** The function that seals: it reads evidence and can write none, and nothing else can sign. */
export function composeSeal(): SealDeps {
  const env = environment();
  const { now, timeoutMs, ledgerId, evidence, random } = base(env);
  const { SEALED_BUCKET, SIGNING_KEY } = variables({ SEALED_BUCKET: text, SIGNING_KEY: text });
  return {
    now,
    holder: () => random(16).toString('hex'),
    timeoutMs,
    ledgerId,
    evidence,
    index: dynamoLedgerIndex(clientOf(DynamoDBClient), env.REGISTRY_TABLE),
    sealed: new S3SealedStore(clientOf(S3Client), SEALED_BUCKET),
    signer: new KmsSigner(clientOf(KMSClient), SIGNING_KEY),
  };
}

/** The function that answers questions: it reads tables and sealed lists, and can write nothing. */
export function composeQuery(): QueryDeps {
  const env = environment();
  const { SEALED_BUCKET } = variables({ SEALED_BUCKET: text });
  const dynamodb = clientOf(DynamoDBClient);
  const bucket = new S3SealedStore(clientOf(S3Client), SEALED_BUCKET);
  return {
    now: () => Date.now(),
    registry: forQuery(new Table(dynamodb, env.REGISTRY_TABLE)),
    evidence: new DynamoEvidenceStore(dynamodb, env.EVIDENCE_TABLE),
    archive: new DynamoPolicyArchive(dynamodb, env.EVIDENCE_TABLE),
    index: dynamoLedgerIndex(dynamodb, env.REGISTRY_TABLE),
    sealed: bucket,
    spill: spillIn(bucket),
  };
}

/** The witness: it reads the ledger of another account, and writes and signs in its own. */
export function composeWitness(): WitnessDeps {
  const env = variables({
    PINNED_ORIGIN: text,
    /** PEM. */
    PINNED_KEY: text,
    LEDGER_BUCKET: text,
    OWN_BUCKET: text,
    MEMORY_TABLE: text,
    SIGNING_KEY: text,
  });
  const s3 = clientOf(S3Client);
  return {
    now: () => Date.now(),
    pinned: { origin: env.PINNED_ORIGIN, key: pinnedKey(env.PINNED_KEY) },
    ledger: new S3SealedStore(s3, env.LEDGER_BUCKET),
    own: new S3SealedStore(s3, env.OWN_BUCKET),
    signer: new KmsSigner(clientOf(KMSClient), env.SIGNING_KEY),
    memory: dynamoWitnessMemory(clientOf(DynamoDBClient), env.MEMORY_TABLE),
  };
}
